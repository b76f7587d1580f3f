package sample

import (
	"io"
	"net"
	"os"
)

func head(path string, buf []byte) error {
	// ruleid: go-file-leak-on-error
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	if _, err := io.ReadFull(f, buf); err != nil {
		return err
	}
	return f.Close()
}

func ask(addr string, msg []byte) error {
	// ruleid: go-file-leak-on-error
	conn, err := net.Dial("unix", addr)
	if err != nil {
		return err
	}
	_, err = conn.Write(msg)
	if err != nil {
		return err
	}
	conn.Close()
	return nil
}

func deferred(path string, buf []byte) error {
	// ok: go-file-leak-on-error
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.ReadFull(f, buf); err != nil {
		return err
	}
	return nil
}

func closed(path string, buf []byte) error {
	// ok: go-file-leak-on-error
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	if _, err := io.ReadFull(f, buf); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
