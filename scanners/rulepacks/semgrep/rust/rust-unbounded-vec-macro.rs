const MAX: usize = 4 << 20;

fn frame(head: [u8; 4]) -> Vec<u8> {
    let len = u32::from_be_bytes(head) as usize;
    // ruleid: rust-unbounded-vec-macro
    let body = vec![0u8; len];
    body
}

fn limited(head: [u8; 4]) -> Vec<u8> {
    let len = (u32::from_be_bytes(head) as usize).min(MAX);
    // ok: rust-unbounded-vec-macro
    vec![0u8; len]
}

fn checked(head: [u8; 4]) -> Option<Vec<u8>> {
    let len = u32::from_be_bytes(head) as usize;
    if len > MAX {
        return None;
    }
    // ok: rust-unbounded-vec-macro
    Some(vec![0u8; len])
}

fn fixed() -> Vec<u8> {
    // ok: rust-unbounded-vec-macro
    vec![0u8; MAX]
}
