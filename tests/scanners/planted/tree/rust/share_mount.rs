use nix::mount::{mount, MsFlags};

pub fn mount_share(tag: &str, target: &str) -> nix::Result<()> {
    mount(
        Some(tag),
        target,
        Some("virtiofs"),
        MsFlags::MS_NOATIME,
        None::<&str>,
    )
}
