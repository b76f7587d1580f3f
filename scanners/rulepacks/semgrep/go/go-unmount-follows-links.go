package sample

import (
	"syscall"

	"golang.org/x/sys/unix"
)

const UmountNoFollow = 0x8

func unmount(path string) {
	// ruleid: go-unmount-follows-links
	syscall.Unmount(path, syscall.MNT_DETACH)

	// ruleid: go-unmount-follows-links
	unix.Unmount(path, 0)

	// ok: go-unmount-follows-links
	unix.Unmount(path, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)

	// ok: go-unmount-follows-links
	syscall.Unmount(path, syscall.MNT_DETACH|UmountNoFollow)
}
