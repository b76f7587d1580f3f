use nix::mount::{self, umount2, MntFlags};

fn clean(path: &str) {
    // ruleid: rust-umount-follows-links
    let _ = umount2(path, MntFlags::MNT_DETACH);

    // ruleid: rust-umount-follows-links
    let _ = mount::umount(path);

    // ok: rust-umount-follows-links
    let _ = umount2(path, MntFlags::MNT_DETACH | MntFlags::UMOUNT_NOFOLLOW);

    // ok: rust-umount-follows-links
    let _ = umount2("/proc", MntFlags::MNT_DETACH);
}
