use std::process::Command;

pub fn hypervisor(socket: &str) -> Command {
    let mut command = Command::new("cloud-hypervisor");
    command
        .arg("--api-socket")
        .arg(socket)
        .arg("--seccomp")
        .arg("false");
    command
}
