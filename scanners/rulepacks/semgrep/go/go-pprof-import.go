package sample

import (
	"net/http"
	// ruleid: go-pprof-import
	_ "net/http/pprof"
	// ok: go-pprof-import
	"runtime/pprof"
)

var _ = http.DefaultServeMux
var _ = pprof.Profiles
