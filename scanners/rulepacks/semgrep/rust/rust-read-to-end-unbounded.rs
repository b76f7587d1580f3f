use std::fs::File;
use std::io::Read;
use std::os::unix::net::UnixStream;

fn read(mut stream: UnixStream, mut file: File) -> std::io::Result<Vec<u8>> {
    let mut buf = Vec::new();
    // ruleid: rust-read-to-end-unbounded
    stream.read_to_end(&mut buf)?;

    // ok: rust-read-to-end-unbounded
    stream.take(1 << 20).read_to_end(&mut buf)?;

    // ok: rust-read-to-end-unbounded
    file.read_to_end(&mut buf)?;
    Ok(buf)
}
fn text(mut conn: UnixStream) {
    let mut out = String::new();
    // ruleid: rust-read-to-end-unbounded
    conn.read_to_string(&mut out).unwrap();
}
