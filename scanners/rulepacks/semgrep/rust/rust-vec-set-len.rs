use std::fs::File;

fn buffers(size: usize, file: &File) -> Vec<u8> {
    let mut buf = Vec::with_capacity(size);
    // ruleid: rust-vec-set-len
    unsafe { buf.set_len(size) };

    // ok: rust-vec-set-len
    unsafe { buf.set_len(0) };

    // ok: rust-vec-set-len
    let _ = file.set_len(4096);
    buf.resize(size, 0);
    buf
}
fn grow(buf: &mut Vec<u8>, n: usize) {
    unsafe {
        let room = buf.capacity();
        // ruleid: rust-vec-set-len
        buf.set_len(n.min(room));
    }
}
