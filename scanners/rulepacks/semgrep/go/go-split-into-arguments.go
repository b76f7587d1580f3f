package sample

import (
	"os/exec"
	"strings"
)

func arguments(extra string) []string {
	args := []string{"--syslog"}
	// ruleid: go-split-into-arguments
	return append(args, strings.Fields(extra)...)
}

func line(text string) error {
	parts := strings.Split(text, " ")
	// ruleid: go-split-into-arguments
	return exec.Command(parts[0], parts[1:]...).Run()
}

func fixed(cache string) []string {
	// ok: go-split-into-arguments
	return append([]string{"--syslog"}, "--cache="+cache)
}

func columns(row string) []string {
	// ok: go-split-into-arguments
	return strings.Fields(row)
}
