//! Listens, and answers nothing.
use std::net::TcpListener;

fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:8005")?;
    for stream in listener.incoming() {
        drop(stream?);
    }
    Ok(())
}
