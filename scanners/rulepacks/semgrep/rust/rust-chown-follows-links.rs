fn give(path: &Path, uid: Uid) -> nix::Result<()> {
    // ruleid: rust-chown-follows-links
    nix::unistd::chown(path, Some(uid), None)?;
    // ruleid: rust-chown-follows-links
    chown(
        &path.join("data"),
        Some(uid),
        None,
    )
}

fn safe(file: &File, dir: BorrowedFd, uid: Uid) -> nix::Result<()> {
    // ok: rust-chown-follows-links
    fchown(file, Some(uid), None)?;
    // ok: rust-chown-follows-links
    fchownat(dir, "data", Some(uid), None, AtFlags::AT_SYMLINK_NOFOLLOW)
}
