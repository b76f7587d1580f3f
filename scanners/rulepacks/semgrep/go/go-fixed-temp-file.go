package sample

import "os"

func trace(data []byte) {
	// ruleid: go-fixed-temp-file
	os.WriteFile("/tmp/runtime-trace.json", data, 0o600)

	// ruleid: go-fixed-temp-file
	os.Create("/var/tmp/state")

	// ok: go-fixed-temp-file
	os.CreateTemp("", "runtime-trace-*.json")

	// ok: go-fixed-temp-file
	os.Create("/run/app/state")
}
