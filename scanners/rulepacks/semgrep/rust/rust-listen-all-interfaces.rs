use std::net::{Ipv4Addr, TcpListener};

fn listen(port: u16) {
    // ruleid: rust-listen-all-interfaces
    let _ = TcpListener::bind("0.0.0.0:8090");

    // ruleid: rust-listen-all-interfaces
    let _ = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port));

    // ok: rust-listen-all-interfaces
    let _ = TcpListener::bind(("127.0.0.1", port));
}
fn local() {
    // ok: rust-listen-all-interfaces
    let _ = TcpListener::bind(("127.0.0.1", 8080));
}
