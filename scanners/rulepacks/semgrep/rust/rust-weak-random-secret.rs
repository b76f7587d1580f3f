// ruleid: rust-weak-random-secret
fn new_token() -> u64 {
    let mut rng = SmallRng::seed_from_u64(now());
    rng.next_u64()
}

fn start() {
    // ruleid: rust-weak-random-secret
    let session_key = fastrand::u64(..);
    run(session_key);
}

// ok: rust-weak-random-secret
fn strong_token() -> [u8; 32] {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

fn backoff() -> u64 {
    // ok: rust-weak-random-secret
    let delay = fastrand::u64(..100);
    delay
}
