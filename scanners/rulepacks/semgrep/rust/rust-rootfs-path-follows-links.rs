fn group(rootfs: &Path) -> io::Result<String> {
    // ruleid: rust-rootfs-path-follows-links
    fs::read_to_string(rootfs.join("etc/group"))
}

fn hosts(rootfs: &str) -> io::Result<File> {
    // ruleid: rust-rootfs-path-follows-links
    File::create(format!("{}/etc/hosts", rootfs))
}

fn resolved(rootfs: &Root) -> Result<File> {
    // ok: rust-rootfs-path-follows-links
    rootfs.open_beneath("etc/group")
}

fn own(state: &Path) -> io::Result<String> {
    // ok: rust-rootfs-path-follows-links
    fs::read_to_string(state.join("state.json"))
}
