package sample

import (
	"encoding/binary"
	"errors"
	"io"
)

const limit = 1 << 20

func decoded(head []byte) []byte {
	size := binary.BigEndian.Uint32(head)
	// ruleid: go-allocation-from-peer-length
	return make([]byte, size)
}

func read(r io.Reader) ([]uint64, error) {
	var count uint32
	if err := binary.Read(r, binary.LittleEndian, &count); err != nil {
		return nil, err
	}
	// ruleid: go-allocation-from-peer-length
	return make([]uint64, 0, count), nil
}

func checked(head []byte) ([]byte, error) {
	size := binary.BigEndian.Uint32(head)
	if size > limit {
		return nil, errors.New("too long")
	}
	// ok: go-allocation-from-peer-length
	return make([]byte, size), nil
}

func capped(head []byte) []byte {
	// ok: go-allocation-from-peer-length
	return make([]byte, min(binary.BigEndian.Uint32(head), limit))
}
