package sample

import (
	"os"
	"path/filepath"
)

func direct(rootfs string) (*os.File, error) {
	// ruleid: go-rootfs-path-follows-links
	return os.Open(filepath.Join(rootfs, "etc", "group"))
}

func kept(c *container) error {
	path := filepath.Join(c.rootfsPath, "etc/hostname")
	// ruleid: go-rootfs-path-follows-links
	return os.WriteFile(path, []byte(c.name), 0o644)
}

func safe(rootfs string) (*os.File, error) {
	root, err := os.OpenRoot(rootfs)
	if err != nil {
		return nil, err
	}
	// ok: go-rootfs-path-follows-links
	return root.Open("etc/group")
}

func own(stateDir string) ([]byte, error) {
	// ok: go-rootfs-path-follows-links
	return os.ReadFile(filepath.Join(stateDir, "state.json"))
}
