fn end(desc: &Descriptor) -> u64 {
    // ruleid: rust-unchecked-length-sum
    desc.addr + desc.len as u64
}

fn last(req: &Request, count: u64) -> bool {
    // ruleid: rust-unchecked-length-sum
    req.sector() + count <= LIMIT
}

fn checked(desc: &Descriptor) -> Option<u64> {
    // ok: rust-unchecked-length-sum
    desc.addr.checked_add(desc.len as u64)
}

fn next(table: &Table) -> u64 {
    // ok: rust-unchecked-length-sum
    table.index + 1
}
