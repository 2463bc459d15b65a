//! Answers one order.
use functions_shared::serve;
use lambda_http::Error;
use orders::get;
use orders::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let store = &Store::from_environment().await?;
    serve(get::ROUTE, async |request| get::handle(store, &request).await).await
}
