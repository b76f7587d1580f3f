package api

import (
	"net"
	"os"
)

func listen(path string) (net.Listener, error) {
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	const mode = os.FileMode(0o777)
	return l, os.Chmod(path, mode)
}
