package frames

import (
	"encoding/binary"
	"io"
	"net"
)

func readFrame(conn net.Conn) ([]byte, error) {
	var size uint32
	if err := binary.Read(conn, binary.BigEndian, &size); err != nil {
		return nil, err
	}
	body := make([]byte, size)
	_, err := io.ReadFull(conn, body)
	return body, err
}
