package sample

import (
	"compress/gzip"
	"io"
	"os"
)

func unpack(in io.Reader, out *os.File) error {
	zr, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	// ruleid: go-decompress-unbounded
	if _, err := io.Copy(out, zr); err != nil {
		return err
	}
	// ok: go-decompress-unbounded
	_, err = io.CopyN(out, zr, 1<<30)
	return err
}
func both(r io.Reader, w io.Writer) {
	z, _ := zlib.NewReader(r)
	// ruleid: go-decompress-unbounded
	io.ReadAll(z)
	// ok: go-decompress-unbounded
	io.CopyN(w, z, 1<<20)
}
