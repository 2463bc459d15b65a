//! Places an order.
use functions_shared::serve;
use lambda_http::Error;
use orders::create;
use orders::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let store = &Store::from_environment().await?;
    serve(create::ROUTE, async |request| create::handle(store, &request).await).await
}
