fn answer(req: &ReadRequest) -> Vec<u8> {
    // ruleid: rust-allocation-from-request
    vec![0; req.length as usize]
}

fn fill(desc: &Descriptor, buf: &mut Vec<u8>) {
    // ruleid: rust-allocation-from-request
    buf.resize(desc.data_len() as usize * 2, 0);
    // ruleid: rust-allocation-from-request
    buf.reserve(desc.size as usize);
}

fn capped(req: &ReadRequest) -> Vec<u8> {
    // ok: rust-allocation-from-request
    vec![0; req.length.min(LIMIT) as usize]
}

fn held(req: &ReadRequest) -> Vec<u8> {
    // ok: rust-allocation-from-request
    Vec::with_capacity(req.data.len())
}
