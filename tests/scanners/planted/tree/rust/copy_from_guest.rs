use std::ptr;

pub struct Segment {
    pub offset: usize,
    pub len: usize,
}

pub fn copy_from_guest(region: *const u8, seg: &Segment, out: &mut Vec<u8>) {
    unsafe {
        ptr::copy_nonoverlapping(region.add(seg.offset), out.as_mut_ptr(), seg.len);
    }
}
