use std::mem;

fn convert(raw: [u8; 4]) -> u32 {
    // ruleid: rust-transmute
    let _a: u32 = unsafe { std::mem::transmute(raw) };

    // ruleid: rust-transmute
    let _b = unsafe { mem::transmute::<[u8; 4], u32>(raw) };

    // ok: rust-transmute
    u32::from_le_bytes(raw)
}
fn words(eax: u32, ebx: u32) -> [u8; 8] {
    // ok: rust-transmute
    unsafe { std::mem::transmute([eax, ebx]) }
}
