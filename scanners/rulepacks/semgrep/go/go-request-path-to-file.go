package sample

import (
	"context"
	"net/http"
	"os"
	"path/filepath"

	securejoin "github.com/cyphar/filepath-securejoin"
	taskAPI "github.com/containerd/containerd/api/runtime/task/v2"
)

func show(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	// ruleid: go-request-path-to-file
	os.ReadFile(filepath.Join("/run/app", name))

	// ok: go-request-path-to-file
	os.ReadFile(filepath.Join("/run/app", filepath.Base(name)))
}

func create(ctx context.Context, r *taskAPI.CreateTaskRequest) error {
	file := filepath.Join("/run/app", r.ID)
	// ruleid: go-request-path-to-file
	if err := os.RemoveAll(file); err != nil {
		return err
	}
	safe, err := securejoin.SecureJoin("/run/app", r.ID)
	if err != nil {
		return err
	}
	// ok: go-request-path-to-file
	return os.RemoveAll(safe)
}

type service struct{}

func (s *service) Delete(ctx context.Context, r *taskAPI.DeleteRequest) error {
	// ruleid: go-request-path-to-file
	return os.RemoveAll(filepath.Join("/run/app", r.ID))
}

func fixed() {
	// ok: go-request-path-to-file
	os.ReadFile("/etc/app/config.toml")
}
