fn allowed(key: &str) -> bool {
    // ruleid: rust-unanchored-regexp
    let allowed = Regex::new("enable_[a-z]+").unwrap();
    allowed.is_match(key)
}

fn direct(path: &str) -> bool {
    // ruleid: rust-unanchored-regexp
    Regex::new(r"/usr/bin/\w+").unwrap().is_match(path)
}

fn anchored(key: &str) -> bool {
    // ok: rust-unanchored-regexp
    let allowed = Regex::new("^enable_[a-z]+$").unwrap();
    allowed.is_match(key)
}

fn part(text: &str) -> Option<&str> {
    // ok: rust-unanchored-regexp
    let number = Regex::new("[0-9]+").unwrap();
    number.find(text).map(|m| m.as_str())
}
