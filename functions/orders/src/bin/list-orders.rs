//! Lists orders.
use functions_shared::serve;
use lambda_http::Error;
use orders::list;
use orders::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let store = &Store::from_environment().await?;
    serve(list::ROUTE, async |request| list::handle(store, &request).await).await
}
