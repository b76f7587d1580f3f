fn buffers(mem: &Memory, chain: &[Descriptor]) -> Result<Vec<Buffer>> {
    let mut out = Vec::new();
    for item in chain {
        let start = mem.get_host_address(GuestAddress(item.base)).map_err(Error::Memory)?;
        out.push(Buffer {
            // ruleid: rust-guest-address-without-length
            base: start as u64,
            bytes: item.bytes,
        });
    }
    Ok(out)
}

fn view(mem: &Memory, item: &Descriptor) -> &[u8] {
    let start = mem.get_host_address(item.base()).unwrap();
    // ruleid: rust-guest-address-without-length
    unsafe { std::slice::from_raw_parts(start, item.bytes()) }
}

fn wrapped(mem: &Memory, item: &Descriptor) -> Result<Wrapped> {
    // ruleid: rust-guest-address-without-length
    Ok(Wrapped::from_parts(mem.get_host_address(item.base())?, item.bytes()))
}

fn header(mem: &Memory, item: &Descriptor) -> Result<Header> {
    // ok: rust-guest-address-without-length
    Ok(Header::from_pointer(mem.get_host_address(GuestAddress(item.base as u64))?))
}

fn buffers_checked(mem: &Memory, chain: &[Descriptor]) -> Result<Vec<Buffer>> {
    let mut out = Vec::new();
    for item in chain {
        let range = mem.get_slice(GuestAddress(item.base), item.bytes).map_err(Error::Memory)?;
        out.push(Buffer {
            // ok: rust-guest-address-without-length
            base: range.ptr_guard().as_ptr() as u64,
            bytes: item.bytes,
        });
    }
    Ok(out)
}

fn whole_region(region: &Region) -> Area {
    let start = region.get_host_address(MemoryRegionAddress(0)).unwrap();
    Area {
        // ok: rust-guest-address-without-length
        base: start as u64,
        bytes: region.len(),
    }
}
