package sample

import (
	"os"

	"golang.org/x/sys/unix"
)

func prepare(dir, sock string) {
	// ruleid: go-world-writable-mode
	os.MkdirAll(dir, 0777)

	// ruleid: go-world-writable-mode
	os.Chmod(sock, 0o666)

	// ruleid: go-world-writable-mode
	os.MkdirAll(dir, os.ModePerm)

	// ruleid: go-world-writable-mode
	unix.Chmod(sock, 0722)

	// ok: go-world-writable-mode
	os.OpenFile(os.DevNull, os.O_WRONLY, 0666)

	// ok: go-world-writable-mode
	os.MkdirAll(dir, 0750)

	// ok: go-world-writable-mode
	os.WriteFile(sock, nil, 0o644)
}
