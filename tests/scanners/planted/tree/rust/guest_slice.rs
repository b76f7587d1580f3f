use core::slice;

pub struct Chain {
    pub hva: u64,
    pub len: u32,
}

pub fn bytes(chain: &Chain) -> &'static [u8] {
    unsafe { slice::from_raw_parts(chain.hva as *const u8, chain.len as usize) }
}
