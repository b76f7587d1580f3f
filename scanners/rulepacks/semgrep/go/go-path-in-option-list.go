package sample

import "fmt"

func drive(path string) string {
	// ruleid: go-path-in-option-list
	return fmt.Sprintf("id=d0,file=%s,format=raw", path)
}

func memory(dir string, size int) string {
	// ruleid: go-path-in-option-list
	return fmt.Sprintf(`memory-backend-file,mem-path=%s,size=%d`, dir, size)
}

func last(path string) string {
	// ok: go-path-in-option-list
	return fmt.Sprintf("fd=%d", len(path))
}

func number(id int) string {
	// ok: go-path-in-option-list
	return fmt.Sprintf("id=%d,format=raw", id)
}
