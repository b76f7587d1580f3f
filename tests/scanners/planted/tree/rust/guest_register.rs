pub fn write_register(base: *mut u8, guest_offset: u64, value: u32) {
    unsafe {
        *(base.add(guest_offset as usize) as *mut u32) = value;
    }
}
