package sample

import "strconv"

func ids(text string) (uint32, uint32) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, 0
	}
	// ruleid: go-narrowed-parsed-integer
	uid := uint32(n)

	m, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, 0
	}
	// ok: go-narrowed-parsed-integer
	gid := uint32(m)
	return uid, gid
}
func ranged(s string) (uint32, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, err
	}
	if n > 4294967295 {
		return 0, errRange
	}
	// ok: go-narrowed-parsed-integer
	return uint32(n), nil
}
func direct(s string) uint16 {
	n, _ := strconv.Atoi(s)
	// ruleid: go-narrowed-parsed-integer
	return uint16(n)
}
