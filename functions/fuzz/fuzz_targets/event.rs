//! Any event at all: each function answers it, and never with a 5xx, as long as the table answers.
#![no_main]

mod request;
mod table;

use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use functions_shared::answer;
use lambda_http::Context;
use libfuzzer_sys::fuzz_target;
use orders::store::Store;
use orders::{create, get, list};
use tokio::runtime::{Builder, Runtime};

use request::Input;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));
static STORE: LazyLock<Store> = LazyLock::new(|| Store { client: table::client(), table: "orders".to_owned(), shards: 2 });

fuzz_target!(|input: Input| RUNTIME.block_on(check(&input)));

async fn check(input: &Input) {
    let (event, context, store) = (input.event(), &context(), &*STORE);
    let replies = [
        answer(create::ROUTE, async |request| create::handle(store, &request).await, &event, context, false).await,
        answer(list::ROUTE, async |request| list::handle(store, &request).await, &event, context, false).await,
        answer(get::ROUTE, async |request| get::handle(store, &request).await, &event, context, false).await,
    ];
    for reply in replies {
        assert!(reply.status().as_u16() < 500, "{} for {event}", reply.status());
        assert!(reply.headers().contains_key("x-request-id"), "an answer without an id for {event}");
    }
}

fn context() -> Context {
    let deadline = (SystemTime::now() + Duration::from_secs(60)).duration_since(UNIX_EPOCH).expect("after 1970");
    let mut context = Context::default();
    context.request_id = "invocation-1".to_owned();
    context.deadline = u64::try_from(deadline.as_millis()).expect("fits");
    context
}
