use std::process::Command;

const HELPER: &str = "/usr/libexec/helper";

struct Config {
    path: String,
}

fn start(config: &Config, hooks: &[Hook], name: &str) {
    // ruleid: rust-command-variable-program
    let _ = Command::new(&config.path).arg("--version").spawn();

    // ruleid: rust-command-variable-program
    let _ = std::process::Command::new(hooks[0].as_str()).spawn();

    // ok: rust-command-variable-program
    let _ = clap::Command::new(name).version("1");

    // ok: rust-command-variable-program
    let _ = Command::new(HELPER).arg(&config.path).spawn();

    // ok: rust-command-variable-program
    let _ = Command::new("/usr/bin/true").spawn();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(name: &str) {
        // ok: rust-command-variable-program
        let _ = Command::new(name).spawn();
    }
}
