package sample

import (
	"encoding/binary"
	"io"
)

func tail(buf []byte) []byte {
	off := binary.LittleEndian.Uint32(buf)
	// ruleid: go-slice-by-decoded-offset
	return buf[off:]
}

func part(r io.Reader, data []byte) ([]byte, error) {
	var n uint16
	if err := binary.Read(r, binary.BigEndian, &n); err != nil {
		return nil, err
	}
	// ruleid: go-slice-by-decoded-offset
	return data[:n], nil
}

func checked(buf []byte) []byte {
	off := binary.LittleEndian.Uint32(buf)
	if int(off) > len(buf) {
		return nil
	}
	// ok: go-slice-by-decoded-offset
	return buf[off:]
}

func fixed(buf []byte) []byte {
	// ok: go-slice-by-decoded-offset
	return buf[4:8]
}
