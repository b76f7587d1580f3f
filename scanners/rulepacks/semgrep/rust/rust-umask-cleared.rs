fn clear() {
    // ruleid: rust-umask-cleared
    umask(Mode::empty());
    // ruleid: rust-umask-cleared
    unsafe { libc::umask(0) };
    // ok: rust-umask-cleared
    umask(Mode::from_bits_truncate(0o077));
    // ok: rust-umask-cleared
    unsafe { libc::umask(0o022) };
}
