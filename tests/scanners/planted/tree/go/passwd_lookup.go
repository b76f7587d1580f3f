package users

import (
	"bufio"
	"os"
	"path/filepath"
)

// lookup reads the user table of a container from the host.
func lookup(rootfs string) (*bufio.Scanner, func() error, error) {
	f, err := os.Open(filepath.Join(rootfs, "etc", "passwd"))
	if err != nil {
		return nil, nil, err
	}
	return bufio.NewScanner(f), f.Close, nil
}
