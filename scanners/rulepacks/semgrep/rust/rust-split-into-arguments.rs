fn start(extra: &str) -> Command {
    let mut command = Command::new("/usr/libexec/virtiofsd");
    // ruleid: rust-split-into-arguments
    command.args(extra.split_whitespace());
    command
}

fn list(extra: &str) -> Vec<String> {
    let mut args = vec![];
    // ruleid: rust-split-into-arguments
    args.extend(extra.split(' ').map(String::from));
    args
}

fn fixed(cache: Cache) -> Command {
    let mut command = Command::new("/usr/libexec/virtiofsd");
    // ok: rust-split-into-arguments
    command.args(["--cache", cache.as_str()]);
    command
}

fn words(text: &str) -> usize {
    // ok: rust-split-into-arguments
    text.split_whitespace().count()
}
