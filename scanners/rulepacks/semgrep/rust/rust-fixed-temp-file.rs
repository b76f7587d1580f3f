use std::fs::{self, File};

fn dump(data: &[u8]) -> std::io::Result<()> {
    // ruleid: rust-fixed-temp-file
    File::create("/tmp/agent.trace")?;

    // ruleid: rust-fixed-temp-file
    fs::write("/var/tmp/state.json", data)?;

    // ok: rust-fixed-temp-file
    fs::write("/run/app/state.json", data)?;

    // ok: rust-fixed-temp-file
    tempfile::NamedTempFile::new().map(|_| ())
}
