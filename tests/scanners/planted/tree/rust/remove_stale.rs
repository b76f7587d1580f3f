use std::{fs, io, path::Path};

pub fn read_config(path: &Path) -> io::Result<String> {
    if fs::symlink_metadata(path)?.file_type().is_symlink() {
        return Err(io::Error::other("link"));
    }
    fs::read_to_string(path)
}
