use std::path::Path;

fn all_there(names: &[&str]) -> bool {
    for name in names {
        // ruleid: rust-exists-hides-errors
        if !Path::new(name).exists() {
            return false;
        }
    }
    true
}

fn verifier_enabled(path: &Path) -> Result<bool, std::io::Error> {
    // ruleid: rust-exists-hides-errors
    if !path.is_file() {
        println!("no verifier");
        return Ok(false);
    }
    Ok(true)
}

fn all_there_or_stop(names: &[&str]) -> bool {
    for name in names {
        let found = Path::new(name).try_exists().expect("the disk cannot be read");
        // ok: rust-exists-hides-errors
        if !found {
            return false;
        }
    }
    true
}

fn must_be_there(path: &Path) -> Result<(), String> {
    // ok: rust-exists-hides-errors
    if !path.exists() {
        return Err("missing".into());
    }
    Ok(())
}
