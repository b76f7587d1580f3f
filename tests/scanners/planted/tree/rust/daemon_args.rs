use std::collections::HashMap;
use std::process::{Child, Command};

pub fn spawn(labels: &HashMap<String, String>) -> std::io::Result<Child> {
    let mut cmd = Command::new("/usr/libexec/virtiofsd");
    if let Some(extra) = labels.get("io.example.extra") {
        cmd.args(extra.split_whitespace());
    }
    cmd.spawn()
}
