//! A function that has nothing to do with orders: `GET /weather/{city}` and `POST /weather`, and no table.

use lambda_http::{Body, Error, Request, RequestExt, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(answer)).await
}

async fn answer(request: Request) -> Result<Response<Body>, Error> {
    let forecast = std::env::var("FORECAST").unwrap_or_default();
    let (status, body) = match request.path_parameters().first("city") {
        Some(city) => (200, format!("{city}: {forecast}")),
        None => (202, format!("noted: {}", String::from_utf8_lossy(request.body()))),
    };
    Ok(Response::builder().status(status).header("content-type", "text/plain").body(body.into())?)
}
