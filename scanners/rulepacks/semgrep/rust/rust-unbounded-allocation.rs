const MAX: usize = 4 << 20;

fn message(head: [u8; 8]) -> Vec<u8> {
    let len = u64::from_le_bytes(head) as usize;
    // ruleid: rust-unbounded-allocation
    Vec::with_capacity(len)
}

fn limited(head: [u8; 4]) -> Vec<u8> {
    let len = (u32::from_be_bytes(head) as usize).min(MAX);
    // ok: rust-unbounded-allocation
    Vec::with_capacity(len)
}

fn fixed() -> Vec<u8> {
    // ok: rust-unbounded-allocation
    Vec::with_capacity(MAX)
}
