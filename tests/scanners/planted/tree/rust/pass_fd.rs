use std::fs::File;
use std::os::fd::IntoRawFd;

pub fn pass(path: &str, send: impl Fn(i32) -> Result<(), String>) -> Result<(), String> {
    let fd = File::open(path).map_err(|e| e.to_string())?.into_raw_fd();
    send(fd)?;
    nix::unistd::close(fd).map_err(|e| e.to_string())
}
