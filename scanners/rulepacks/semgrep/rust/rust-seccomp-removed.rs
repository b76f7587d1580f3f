fn strip(linux: &mut Linux, process: &mut Process) {
    // ruleid: rust-seccomp-removed
    linux.set_seccomp(None);
    // ruleid: rust-seccomp-removed
    process.no_new_privileges = false;
    // ok: rust-seccomp-removed
    linux.set_seccomp(Some(default_profile()));
    // ok: rust-seccomp-removed
    process.no_new_privileges = true;
}
