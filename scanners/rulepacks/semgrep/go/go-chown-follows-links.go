package sample

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

func give(dir, name string, uid int) error {
	// ruleid: go-chown-follows-links
	if err := os.Chown(filepath.Join(dir, name), uid, uid); err != nil {
		return err
	}
	// ruleid: go-chown-follows-links
	err := unix.Chown(dir, uid, uid)
	return err
}

func safe(path string, f *os.File, uid int) error {
	// ok: go-chown-follows-links
	if err := os.Lchown(path, uid, uid); err != nil {
		return err
	}
	// ok: go-chown-follows-links
	return f.Chown(uid, uid)
}
