package sample

import "os"

func once(path string) error {
	if _, err := os.Stat(path); os.IsNotExist(err) {
		// ruleid: go-stat-then-use
		return os.WriteFile(path, nil, 0o600)
	}
	return nil
}

func regular(path string) (*os.File, error) {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, os.ErrInvalid
	}
	// ruleid: go-stat-then-use
	return os.OpenFile(path, os.O_RDWR, 0)
}

func exclusive(path string) (*os.File, error) {
	if _, err := os.Stat(path); err == nil {
		return nil, os.ErrExist
	}
	// ok: go-stat-then-use
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
}

func other(path, log string) error {
	if _, err := os.Stat(path); err != nil {
		// ok: go-stat-then-use
		return os.WriteFile(log, nil, 0o600)
	}
	return nil
}
