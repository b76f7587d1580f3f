package sample

import (
	"io"
	"net"
	"net/http"
	"os"
)

func read(resp *http.Response, conn net.Conn, file *os.File) {
	// ruleid: go-read-all-unbounded
	io.ReadAll(resp.Body)

	// ruleid: go-read-all-unbounded
	io.ReadAll(conn)

	// ok: go-read-all-unbounded
	io.ReadAll(io.LimitReader(resp.Body, 1<<20))

	// ok: go-read-all-unbounded
	io.ReadAll(file)
}
