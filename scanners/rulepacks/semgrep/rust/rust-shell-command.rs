use std::process::Command;

fn run(device: &str) {
    let script = format!("mount {} /mnt", device);
    // ruleid: rust-shell-command
    let _ = Command::new("sh").arg("-c").arg(&script).output();

    // ruleid: rust-shell-command
    let _ = Command::new("/bin/bash").args(&["-c", &script]).status();

    // ok: rust-shell-command
    let _ = Command::new("sh").arg("-c").arg("uname -r").output();

    // ok: rust-shell-command
    let _ = Command::new("mount").arg(device).arg("/mnt").output();
}
