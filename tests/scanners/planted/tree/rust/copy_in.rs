use std::{fs, io, path::Path};

pub struct CopyRequest {
    pub path: String,
    pub data: Vec<u8>,
}

pub fn copy_in(req: &CopyRequest) -> io::Result<()> {
    let target = Path::new("/run/kata-containers/shared").join(&req.path);
    fs::write(&target, &req.data)
}
