package sample

import (
	"net"
	"net/http"
)

func listen(h http.Handler) {
	// ruleid: go-listen-all-interfaces
	net.Listen("tcp", "0.0.0.0:8090")

	// ruleid: go-listen-all-interfaces
	http.ListenAndServe(":8090", h)

	// ok: go-listen-all-interfaces
	net.Listen("tcp", "127.0.0.1:8090")

	// ok: go-listen-all-interfaces
	net.Listen("unix", "/run/app/app.sock")
}
