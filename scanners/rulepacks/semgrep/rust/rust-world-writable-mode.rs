use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

fn prepare(path: &str) -> std::io::Result<()> {
    // ruleid: rust-world-writable-mode
    fs::set_permissions(path, fs::Permissions::from_mode(0o777))?;

    // ruleid: rust-world-writable-mode
    fs::DirBuilder::new().recursive(true).mode(0o1777).create(path)?;

    // ok: rust-world-writable-mode
    fs::set_permissions(path, fs::Permissions::from_mode(0o750))?;

    // ok: rust-world-writable-mode
    stat::umask(Mode::from_bits_truncate(0o022));

    // ok: rust-world-writable-mode
    fs::DirBuilder::new().mode(0o700).create(path)
}
