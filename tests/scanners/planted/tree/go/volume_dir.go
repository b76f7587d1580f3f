package volumes

import (
	"os"
	"path/filepath"
)

const root = "/run/kata/volumes"

type VolumeRequest struct{ Name, Pod string }

func (s *server) AddVolume(req *VolumeRequest) (string, error) {
	dir := filepath.Join(root, req.Pod, req.Name)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	return dir, nil
}

type server struct{}
