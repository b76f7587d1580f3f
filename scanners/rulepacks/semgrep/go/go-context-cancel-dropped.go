package sample

import (
	"context"
	"time"
)

func start(parent context.Context) {
	// ruleid: go-context-cancel-dropped
	ctx, _ := context.WithTimeout(parent, time.Second)
	// ruleid: go-context-cancel-dropped
	ctx, _ = context.WithCancel(ctx)
	// ok: go-context-cancel-dropped
	kept, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	// ok: go-context-cancel-dropped
	_ = context.WithValue(kept, key, 1)
}
