pub struct Descriptor {
    pub addr: u64,
    pub len: u32,
}

pub fn inside(desc: &Descriptor, limit: u64) -> bool {
    let end = desc.addr + u64::from(desc.len);
    end <= limit
}
