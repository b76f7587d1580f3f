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
