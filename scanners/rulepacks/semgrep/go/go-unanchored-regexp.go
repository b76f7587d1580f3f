package sample

import "regexp"

const whole = "^[a-z]+$"

func allowed(name, expr string) bool {
	// ruleid: go-unanchored-regexp
	a, _ := regexp.MatchString("[a-z0-9_.-]+", name)

	// ruleid: go-unanchored-regexp
	b, _ := regexp.MatchString(expr, name)

	// ok: go-unanchored-regexp
	c, _ := regexp.MatchString("^[a-z0-9_.-]+$", name)

	// ok: go-unanchored-regexp
	d, _ := regexp.MatchString(whole, name)
	return a && b && c && d
}
