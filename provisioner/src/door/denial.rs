//! Answers every AWS call with "access denied": what a function hears when its role, the gateway endpoint or a security
//! group does not let it through. The emulator enforces none of these.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const BODY: &str = r#"{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"the path model says that AWS would not let this call through"}"#;

/// Listens on a free loopback port for as long as the program runs, and gives its URL.
pub(super) async fn listen() -> std::io::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(refuse(stream));
        }
    });
    Ok(url)
}

/// One request per connection; what it asks for does not matter.
async fn refuse(mut stream: TcpStream) {
    let mut request = [0; 16 * 1024];
    if stream.read(&mut request).await.is_err() {
        return;
    }
    let head = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.0\r\nConnection: close\r\n";
    let answer = format!("{head}Content-Length: {}\r\n\r\n{BODY}", BODY.len());
    // The caller may be gone.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}
