package disk

import (
	"errors"
	"io"
	"os"
)

func header(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	buf := make([]byte, 512)
	if _, err := io.ReadFull(f, buf); err != nil {
		return nil, err
	}
	if buf[510] != 0x55 {
		return nil, errors.New("no boot record")
	}
	return buf, f.Close()
}
