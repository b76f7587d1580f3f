unsafe fn take(src: *const u8, seg: &Segment, out: &mut [u8]) {
    // ruleid: rust-copy-with-peer-length
    ptr::copy_nonoverlapping(src, out.as_mut_ptr(), seg.len as usize);
    // ruleid: rust-copy-with-peer-length
    libc::memcpy(out.as_mut_ptr() as *mut c_void, src as *const c_void, seg.len);
}

fn safe(src: &[u8], out: &mut [u8]) {
    // ok: rust-copy-with-peer-length
    out.copy_from_slice(&src[..out.len()]);
    // ok: rust-copy-with-peer-length
    unsafe { ptr::copy_nonoverlapping(src.as_ptr(), out.as_mut_ptr(), out.len()) };
}
