use nix::unistd::{setgid, setuid, Gid, Uid};

pub fn drop_rights(uid: u32, gid: u32) {
    let _ = setgid(Gid::from_raw(gid));
    let _ = setuid(Uid::from_raw(uid));
}
