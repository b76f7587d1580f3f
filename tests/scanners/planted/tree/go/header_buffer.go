package frames

import "encoding/binary"

type source interface{ Read(p []byte) (int, error) }

func next(src source) ([]byte, error) {
	var head [8]byte
	if _, err := src.Read(head[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(head[:])
	buf := make([]byte, 0, n)
	return buf, nil
}
