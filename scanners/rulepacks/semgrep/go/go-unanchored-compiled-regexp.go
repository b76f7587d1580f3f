package sample

import "regexp"

// ruleid: go-unanchored-compiled-regexp
var allowedKeys = regexp.MustCompile("enable_[a-z]+")

func valid(name string) bool {
	// ruleid: go-unanchored-compiled-regexp
	validName, err := regexp.Compile(`^[a-z]+|[0-9]+$`)
	return err == nil && validName.MatchString(name)
}

// ok: go-unanchored-compiled-regexp
var allowedPaths = regexp.MustCompile(`^(?:/usr/bin/|/opt/)[a-z]+$`)

// ok: go-unanchored-compiled-regexp
var number = regexp.MustCompile("[0-9]+")
