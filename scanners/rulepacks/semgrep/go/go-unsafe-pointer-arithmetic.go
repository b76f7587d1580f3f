package sample

import "unsafe"

func word(base uintptr, index int) uint32 {
	// ruleid: go-unsafe-pointer-arithmetic
	return *(*uint32)(unsafe.Pointer(base + uintptr(index)*4))
}

func add(p unsafe.Pointer, n int) *byte {
	// ruleid: go-unsafe-pointer-arithmetic
	return (*byte)(unsafe.Add(p, n))
}

func checked(region []byte, n int) byte {
	// ok: go-unsafe-pointer-arithmetic
	return region[n]
}

func field(base uintptr, s sample) *byte {
	// ok: go-unsafe-pointer-arithmetic
	return (*byte)(unsafe.Pointer(base + unsafe.Offsetof(s.b)))
}

type sample struct{ a, b byte }
