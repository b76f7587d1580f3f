fn drive(path: &str) -> String {
    // ruleid: rust-path-in-option-list
    format!("id=d0,file={},format=raw", path)
}

fn memory(dir: &str, size: u64) -> String {
    // ruleid: rust-path-in-option-list
    format!("memory-backend-file,mem-path={dir},size={size}")
}

fn number(id: u32) -> String {
    // ok: rust-path-in-option-list
    format!("id={id},format=raw")
}

fn last(fd: i32) -> String {
    // ok: rust-path-in-option-list
    format!("readonly=on,fd={fd}")
}
