package daemon

import "syscall"

func daemonise() error {
	syscall.Umask(0)
	_, err := syscall.Setsid()
	return err
}
