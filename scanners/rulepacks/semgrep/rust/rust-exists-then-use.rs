fn once(path: &Path) -> io::Result<()> {
    if !path.exists() {
        // ruleid: rust-exists-then-use
        fs::write(path, "")?;
    }
    Ok(())
}

fn regular(path: PathBuf) -> io::Result<File> {
    let info = fs::symlink_metadata(&path)?;
    if info.is_symlink() {
        return Err(refused());
    }
    // ruleid: rust-exists-then-use
    File::open(&path)
}

fn exclusive(path: &Path) -> io::Result<File> {
    // ok: rust-exists-then-use
    File::options().write(true).create_new(true).open(path)
}

fn other(path: &Path, log: &Path) -> io::Result<()> {
    if !path.exists() {
        // ok: rust-exists-then-use
        fs::write(log, "missing")?;
    }
    Ok(())
}
