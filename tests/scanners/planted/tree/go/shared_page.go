package shm

import "unsafe"

type region struct{ base uintptr }

func (r *region) store(offset uint64, value uint32) {
	*(*uint32)(unsafe.Pointer(r.base + uintptr(offset))) = value
}
