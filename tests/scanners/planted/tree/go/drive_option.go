package vmm

import "fmt"

func drive(path string, readonly bool) []string {
	mode := "off"
	if readonly {
		mode = "on"
	}
	return []string{"-drive", fmt.Sprintf("file=%s,format=raw,readonly=%s", path, mode)}
}
