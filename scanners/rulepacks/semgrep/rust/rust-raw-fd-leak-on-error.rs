fn pass(path: &str) -> Result<()> {
    // ruleid: rust-raw-fd-leak-on-error
    let fd = File::open(path)?.into_raw_fd();
    send(fd)?;
    close(fd)
}

fn console(pty: Pty, socket: &Socket) -> Result<()> {
    // ruleid: rust-raw-fd-leak-on-error
    let master: RawFd = pty.master.into_raw_fd();
    socket.send_fd(master, "console")
        .context("send")?;
    close(master)
}

fn owned(path: &str) -> Result<()> {
    // ok: rust-raw-fd-leak-on-error
    let file = File::open(path)?;
    send(file.as_raw_fd())?;
    Ok(())
}

fn given(file: File) -> PipeStream {
    // ok: rust-raw-fd-leak-on-error
    let fd = file.into_raw_fd();
    PipeStream::from_fd(fd)
}
