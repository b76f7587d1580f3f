fn unlock(log: &Logger, key: &Key, passphrase: &str) {
    // ruleid: rust-secret-in-log
    info!(log, "unlock"; "passphrase" => passphrase);
    // ruleid: rust-secret-in-log
    debug!("unlock with {passphrase}");
    // ok: rust-secret-in-log
    info!(log, "unlock"; "passphrase-length" => passphrase.len());
    // ok: rust-secret-in-log
    debug!("no passphrase for {}", key.path);
}
