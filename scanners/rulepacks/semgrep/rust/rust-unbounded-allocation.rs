const MAX: usize = 4 << 20;

fn frame(head: [u8; 4]) -> Vec<u8> {
    let len = u32::from_be_bytes(head) as usize;
    // ruleid: rust-unbounded-allocation
    let body = vec![0u8; len];
    body
}

fn message(head: [u8; 8], body: &mut Vec<u8>) -> Vec<u8> {
    let len = u64::from_le_bytes(head) as usize;
    // ruleid: rust-unbounded-allocation
    body.resize(len, 0);
    // ruleid: rust-unbounded-allocation
    Vec::with_capacity(len)
}

fn limited(head: [u8; 4]) -> Vec<u8> {
    let len = (u32::from_be_bytes(head) as usize).min(MAX);
    // ok: rust-unbounded-allocation
    vec![0u8; len]
}

fn checked(head: [u8; 4]) -> Option<Vec<u8>> {
    let len = u32::from_be_bytes(head) as usize;
    if len > MAX {
        return None;
    }
    // ok: rust-unbounded-allocation
    Some(vec![0u8; len])
}

fn fixed() -> Vec<u8> {
    // ok: rust-unbounded-allocation
    Vec::with_capacity(MAX)
}
