package sample

import (
	"archive/tar"
	"os"
	"path/filepath"
)

func extract(tr *tar.Reader, dir string) error {
	for {
		hdr, err := tr.Next()
		if err != nil {
			return err
		}
		target := filepath.Join(dir, hdr.Name)
		// ruleid: go-archive-entry-path
		if err := os.MkdirAll(target, 0o755); err != nil {
			return err
		}
		// ok: go-archive-entry-path
		os.Create(filepath.Join(dir, filepath.Base(hdr.Name)))
	}
}
func link(tr *tar.Reader, dir string) {
	hdr, _ := tr.Next()
	// ruleid: go-archive-entry-path
	os.Create(filepath.Join(dir, hdr.Name))
	// ok: go-archive-entry-path
	os.Create(filepath.Join(dir, "fixed"))
}
