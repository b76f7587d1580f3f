package sample

import "syscall"

func drop(uid, gid int) error {
	// ruleid: go-privilege-drop-unchecked
	syscall.Setgid(gid)
	// ruleid: go-privilege-drop-unchecked
	_ = syscall.Setuid(uid)
	// ok: go-privilege-drop-unchecked
	if err := syscall.Setgid(gid); err != nil {
		return err
	}
	// ok: go-privilege-drop-unchecked
	return syscall.Setuid(uid)
}
