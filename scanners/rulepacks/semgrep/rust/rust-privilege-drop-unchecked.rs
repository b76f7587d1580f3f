fn drop(uid: Uid, gid: Gid) -> nix::Result<()> {
    // ruleid: rust-privilege-drop-unchecked
    let _ = setgid(gid);
    // ruleid: rust-privilege-drop-unchecked
    unistd::setuid(uid).ok();
    // ok: rust-privilege-drop-unchecked
    setgid(gid)?;
    // ok: rust-privilege-drop-unchecked
    setuid(uid)
}
