fn arguments(dir: &str) -> Vec<String> {
    vec![
        String::from("--shared-dir"),
        dir.to_string(),
        // ruleid: rust-daemon-sandbox-off
        String::from("--sandbox"),
        String::from("none"),
        // ruleid: rust-daemon-sandbox-off
        "--seccomp=none".to_string(),
    ]
}

fn start(daemon: &mut Command) {
    // ruleid: rust-daemon-sandbox-off
    daemon.args(["--seccomp", "none"]);
    // ruleid: rust-daemon-sandbox-off
    daemon.arg("--sandbox").arg("none");
    // ok: rust-daemon-sandbox-off
    daemon.args(["--sandbox", "namespace"]);
    // ok: rust-daemon-sandbox-off
    daemon.args(["--cache", "none"]);
    // ok: rust-daemon-sandbox-off
    // not here: daemon.args(["--seccomp", "none"]);
}
