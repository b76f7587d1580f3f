package sample

import (
	"context"
	"errors"
	"time"
)

func probe(f func() error) error {
	done := make(chan error)
	// ruleid: go-goroutine-blocked-send
	go func() {
		done <- f()
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(time.Second):
		return errors.New("late")
	}
}

func wait(ctx context.Context, f func() int) (int, error) {
	result := make(chan int)
	// ruleid: go-goroutine-blocked-send
	go func() {
		n := f()
		result <- n
	}()
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case n := <-result:
		return n, nil
	}
}

func buffered(f func() error) error {
	done := make(chan error, 1)
	// ok: go-goroutine-blocked-send
	go func() {
		done <- f()
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(time.Second):
		return errors.New("late")
	}
}

func always(f func() error) error {
	done := make(chan error)
	// ok: go-goroutine-blocked-send
	go func() {
		done <- f()
	}()
	return <-done
}
