package sample

import (
	"encoding/json"
	"log"
	"strconv"
)

func handle(line []byte) (e event) {
	if err := json.Unmarshal(line, &e); err != nil {
		// ruleid: go-panic-on-decode-error
		panic(err)
	}
	return e
}

func count(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		// ruleid: go-panic-on-decode-error
		log.Fatalf("no number: %v", err)
	}
	return n
}

func returned(line []byte) (e event, err error) {
	if err := json.Unmarshal(line, &e); err != nil {
		// ok: go-panic-on-decode-error
		return e, err
	}
	return e, nil
}

func main() {
	var c event
	if err := json.Unmarshal(defaults, &c); err != nil {
		// ok: go-panic-on-decode-error
		panic(err)
	}
}
