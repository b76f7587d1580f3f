use std::fs::File;
use std::os::fd::{FromRawFd, IntoRawFd, RawFd};

fn adopt(fd: RawFd, other: File) {
    // ruleid: rust-raw-fd-ownership
    let _file = unsafe { File::from_raw_fd(fd) };

    // ok: rust-raw-fd-ownership
    let _moved = unsafe { File::from_raw_fd(other.into_raw_fd()) };
}
