package sample

import (
	"net"
	"net/http"
	"time"
)

func serve(l net.Listener, h http.Handler) {
	// ruleid: go-http-server-no-timeout
	_ = &http.Server{Addr: "127.0.0.1:8090", Handler: h}

	// ruleid: go-http-server-no-timeout
	http.Serve(l, h)

	// ok: go-http-server-no-timeout
	_ = &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
}
func limited() *http.Server {
	// ok: go-http-server-no-timeout
	return &http.Server{Addr: ":0", ReadTimeout: limit}
}
