use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;

pub fn create_state(path: &str) -> std::io::Result<File> {
    let file = File::create(path)?;
    let mut perms = file.metadata()?.permissions();
    perms.set_mode(0o666);
    fs::set_permissions(path, perms)?;
    Ok(file)
}
