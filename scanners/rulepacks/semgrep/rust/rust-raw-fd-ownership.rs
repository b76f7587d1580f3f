use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, RawFd};
use std::process::Stdio;

fn borrow(other: &File) {
    // ruleid: rust-raw-fd-ownership
    let _file = unsafe { File::from_raw_fd(other.as_raw_fd()) };
}

fn twice(fd: RawFd) -> (Stdio, Stdio) {
    // ruleid: rust-raw-fd-ownership
    let out = unsafe { Stdio::from_raw_fd(fd) };
    let err = unsafe { Stdio::from_raw_fd(fd) };
    (out, err)
}

fn unchecked() -> File {
    // ruleid: rust-raw-fd-ownership
    let fd = unsafe { libc::eventfd(0, 0) };
    unsafe { File::from_raw_fd(fd) }
}

fn moved(other: File) -> File {
    // ok: rust-raw-fd-ownership
    unsafe { File::from_raw_fd(other.into_raw_fd()) }
}

fn checked() -> Option<File> {
    // ok: rust-raw-fd-ownership
    let fd = unsafe { libc::eventfd(0, 0) };
    if fd < 0 {
        return None;
    }
    Some(unsafe { File::from_raw_fd(fd) })
}
