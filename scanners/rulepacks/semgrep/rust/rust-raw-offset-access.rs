unsafe fn store(base: *mut u8, offset: usize, value: u32) {
    // ruleid: rust-raw-offset-access
    *(base.add(offset) as *mut u32) = value;
    // ruleid: rust-raw-offset-access
    ptr::write_volatile(base.add(offset) as *mut u32, value);
}

fn checked(region: &VolatileSlice, offset: usize, value: u32) -> Result<()> {
    // ok: rust-raw-offset-access
    region.write_obj(value, offset)
}

unsafe fn fixed(base: *const u8) -> u8 {
    // ok: rust-raw-offset-access
    *base.add(4)
}
