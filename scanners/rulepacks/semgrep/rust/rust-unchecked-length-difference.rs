fn body(desc: &Descriptor) -> usize {
    // ruleid: rust-unchecked-length-difference
    desc.len() as usize - HEADER_SIZE
}

fn rest(msg: &Message, used: u32) -> u32 {
    // ruleid: rust-unchecked-length-difference
    msg.total_len - used
}

fn checked(desc: &Descriptor) -> Option<usize> {
    // ok: rust-unchecked-length-difference
    (desc.len() as usize).checked_sub(HEADER_SIZE)
}

fn last(names: &[String]) -> usize {
    // ok: rust-unchecked-length-difference
    names.len() - 1
}
