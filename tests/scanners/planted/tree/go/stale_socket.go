package api

import "os"

func write(path string, data []byte) error {
	if _, err := os.Lstat(path); os.IsNotExist(err) {
		return os.WriteFile(path, data, 0o600)
	}
	return os.ErrExist
}
