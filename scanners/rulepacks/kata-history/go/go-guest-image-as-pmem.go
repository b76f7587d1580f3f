package vmm

func addImage(vm *VM, image string) {
	// ruleid: go-guest-image-as-pmem
	dimm := client.NewPmemConfig(image)
	dimm.DiscardWrites = true
	vm.Pmem = append(vm.Pmem, dimm)
}

func nvdimm(image string, bytes uint64) qemu.Device {
	// ruleid: go-guest-image-as-pmem
	return qemu.Object{
		ID:      "mem1",
		Driver:  qemu.NVDIMM,
		MemPath: image,
		Size:    bytes,
	}
}

func addDisk(vm *VM, image string) {
	// ok: go-guest-image-as-pmem
	disk := client.NewDiskConfig()
	disk.SetReadonly(true)
	disk.Path = &image
	vm.Disks = append(vm.Disks, disk)
}

func nvdimmReadOnly(image string, bytes uint64) qemu.Device {
	// ok: go-guest-image-as-pmem
	return qemu.Object{
		ID:       "mem1",
		Driver:   qemu.NVDIMM,
		MemPath:  image,
		Size:     bytes,
		ReadOnly: true,
	}
}
