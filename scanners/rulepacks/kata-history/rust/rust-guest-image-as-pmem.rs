fn devices(boot: &Boot) -> Result<Vm> {
    // ruleid: rust-guest-image-as-pmem
    let dimm = PmemConfig::try_from(boot).map_err(Error::Pmem)?;
    Ok(Vm { pmem: Some(vec![dimm]), ..Default::default() })
}

fn devices_as_disks(boot: &Boot) -> Result<Vm> {
    // ok: rust-guest-image-as-pmem
    let disk = DiskConfig::try_from(boot).map_err(Error::Disk)?;
    Ok(Vm { disks: Some(vec![disk]), ..Default::default() })
}
