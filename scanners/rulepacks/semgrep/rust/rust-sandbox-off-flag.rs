fn start(command: &mut Command) {
    // ruleid: rust-sandbox-off-flag
    command.arg("--seccomp").arg("false");
    // ruleid: rust-sandbox-off-flag
    command.args(["--sandbox=none", "--syslog"]);
    // ok: rust-sandbox-off-flag
    command.arg("--seccomp").arg("kill");
    // ok: rust-sandbox-off-flag
    command.args(["--sandbox=namespace"]);
}
fn asked(command: &mut Command, info: &Info) {
    if info.disable_seccomp {
        // ok: rust-sandbox-off-flag
        command.arg("--no-seccomp");
    }
}
