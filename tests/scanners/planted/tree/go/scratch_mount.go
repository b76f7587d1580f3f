package mounts

import "golang.org/x/sys/unix"

func scratch(target string) error {
	return unix.Mount("tmpfs", target, "tmpfs", 0, "size=64m")
}
