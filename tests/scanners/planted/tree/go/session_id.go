package console

import (
	"fmt"
	"math/rand"
	"time"
)

func newSession() string {
	r := rand.New(rand.NewSource(time.Now().UnixNano()))
	sessionKey := fmt.Sprintf("%016x", r.Uint64())
	return sessionKey
}
