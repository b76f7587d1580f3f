use std::mem::size_of;

#[repr(C)]
pub struct RequestHeader {
    pub kind: u32,
    pub sector: u64,
}

pub struct Desc {
    pub len: u32,
}

pub fn payload(desc: &Desc) -> usize {
    desc.len as usize - size_of::<RequestHeader>()
}
