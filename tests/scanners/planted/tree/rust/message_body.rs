use std::io::{self, Read};

pub fn body(mut stream: impl Read) -> io::Result<Vec<u8>> {
    let mut head = [0u8; 4];
    stream.read_exact(&mut head)?;
    let size = u32::from_be_bytes(head) as usize;
    let mut data = vec![0; size];
    stream.read_exact(&mut data)?;
    Ok(data)
}
