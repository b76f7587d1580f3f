package sample

import "net/http"

// ruleid: go-pprof-import
import _ "net/http/pprof"

import (
	// ruleid: go-pprof-import
	debug "net/http/pprof"
	// ok: go-pprof-import
	"runtime/pprof"
	// ok: go-pprof-import
	"example.org/net/http/profile"
)

var _ = http.DefaultServeMux
var _ = pprof.Profiles
var _ = debug.Index
var _ = profile.None
