fn mounts(dev: &str, dir: &str) -> nix::Result<()> {
    // ruleid: rust-mount-without-nosuid
    mount(Some("tmpfs"), dir, Some("tmpfs"), MsFlags::empty(), None::<&str>)?;
    // ruleid: rust-mount-without-nosuid
    nix::mount::mount(
        Some(dev),
        dir,
        Some("ext4"),
        MsFlags::MS_RDONLY | MsFlags::MS_NOATIME,
        None::<&str>,
    )?;
    // ok: rust-mount-without-nosuid
    mount(Some(dev), dir, Some("ext4"), MsFlags::MS_NOSUID | MsFlags::MS_NODEV, None::<&str>)?;
    // ok: rust-mount-without-nosuid
    mount(Some(dir), dir, None::<&str>, MsFlags::MS_BIND | MsFlags::MS_REC, None::<&str>)
}
