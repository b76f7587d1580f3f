use nix::unistd::{chown, Gid, Uid};
use std::path::Path;

/// Gives the directory of a container to its user.
pub fn take_ownership(shared: &Path, name: &str, uid: u32, gid: u32) -> nix::Result<()> {
    let entry = shared.join(name);
    chown(&entry, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)))
}
