package sandbox

import (
	"errors"
	"time"
)

func waitReady(probe func() error, limit time.Duration) error {
	done := make(chan error)
	go func() {
		done <- probe()
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		return errors.New("not ready")
	}
}
