package sample

import (
	"syscall"

	"golang.org/x/sys/unix"
)

func clear() {
	// ruleid: go-umask-cleared
	syscall.Umask(0)
	// ruleid: go-umask-cleared
	old := unix.Umask(0o000)
	// ok: go-umask-cleared
	unix.Umask(old)
	// ok: go-umask-cleared
	syscall.Umask(0o077)
}
