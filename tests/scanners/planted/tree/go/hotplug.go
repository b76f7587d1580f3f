package qmp

import "encoding/json"

type event struct{ Name string }

func (m *monitor) handle(line []byte) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		panic(err)
	}
	m.events <- e
}

type monitor struct{ events chan event }
