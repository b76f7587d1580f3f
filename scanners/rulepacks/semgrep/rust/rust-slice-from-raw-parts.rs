use std::mem::size_of;
use std::slice;

struct Descriptor {
    addr: *const u8,
    len: u32,
}

fn view(desc: &Descriptor, header: &Descriptor) {
    // ruleid: rust-slice-from-raw-parts
    let _data = unsafe { slice::from_raw_parts(desc.addr, desc.len as usize) };

    // ruleid: rust-slice-from-raw-parts
    let _data = unsafe { std::slice::from_raw_parts_mut(desc.addr as *mut u8, desc.len as usize) };

    // ok: rust-slice-from-raw-parts
    let _bytes = unsafe { slice::from_raw_parts(desc.addr, size_of::<Descriptor>()) };

    // ok: rust-slice-from-raw-parts
    let _fixed = unsafe { slice::from_raw_parts(header.addr, 16) };
}
