package sample

import (
	"math/rand"
)

func issue() (uint64, int) {
	// ruleid: go-weak-random-secret
	token := rand.Uint64()
	// ok: go-weak-random-secret
	delay := rand.Intn(10)
	return token, delay
}

func newNonce() []byte {
	b := make([]byte, 12)
	// ruleid: go-weak-random-secret
	rand.Read(b)
	return b
}
func seeded() uint64 {
	gen := rand.New(rand.NewSource(1))
	// ruleid: go-weak-random-secret
	session := gen.Uint64()
	// ok: go-weak-random-secret
	delay := gen.Uint64()
	return session + delay
}
