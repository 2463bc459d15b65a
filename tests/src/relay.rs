//! What tests put between the program and the emulator: a port of their own, and requests passed on one by one.

use std::{
    io::{self, BufRead, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use crate::PATIENCE;

/// A port of this machine where each connection is served on a thread of its own, until the value goes.
pub struct Port {
    number: u16,
    over: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Port {
    /// An error of one connection ends that connection: the other side may leave at any time.
    ///
    /// # Panics
    /// If this machine has no port left.
    pub fn serve(serve: impl Fn(TcpStream) -> io::Result<()> + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let number = listener.local_addr().expect("an address").port();
        let over = Arc::new(AtomicBool::new(false));
        let is_over = over.clone();
        let accepting = thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok).take_while(|_| !is_over.load(Ordering::SeqCst))
            {
                let serve = serve.clone();
                thread::spawn(move || connection.set_read_timeout(Some(PATIENCE)).and_then(|()| serve(connection)));
            }
        });
        Self { number, over, accepting: Some(accepting) }
    }

    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // It waits for a connection, and this is the last one.
        let woken = TcpStream::connect(("127.0.0.1", self.number));
        if let (Ok(_), Some(accepting)) = (woken, self.accepting.take()) {
            let _ = accepting.join();
        }
    }
}

/// A request as it came.
pub struct Request {
    pub head: String,
    pub body: Vec<u8>,
}

impl Request {
    /// # Errors
    /// If the connection ends before the request does.
    pub fn read(stream: &mut impl BufRead) -> io::Result<Self> {
        let head = head(stream)?;
        let mut fields = head.lines().filter_map(|line| line.split_once(':'));
        let length = fields.rfind(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let mut body = vec![0; length.and_then(|(_, length)| length.trim().parse().ok()).unwrap_or_default()];
        stream.read_exact(&mut body)?;
        Ok(Self { head, body })
    }

    /// Passes it on to an address, and the answer back: one request a connection, enough for a client that connects anew.
    ///
    /// # Errors
    /// If a connection ends early.
    pub fn pass_on(&self, to: &str, back: &mut impl Write) -> io::Result<()> {
        let mut server = TcpStream::connect(to)?;
        server.write_all(self.head.replacen("\r\n", "\r\nconnection: close\r\n", 1).as_bytes())?;
        server.write_all(&self.body)?;
        io::copy(&mut server, back).map(drop)
    }
}

/// A request's head, its last empty line included.
///
/// # Errors
/// If the connection ends before.
pub fn head(stream: &mut impl BufRead) -> io::Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}
