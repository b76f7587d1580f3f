package sample

type request struct {
	Length uint32
	Items  []string
}

func buffer(req *request) []byte {
	// ruleid: go-allocation-from-request
	return make([]byte, req.Length)
}

func list(in *request) []string {
	// ruleid: go-allocation-from-request
	return make([]string, 0, int(in.Length))
}

func checked(req *request) []byte {
	if req.Length > 4096 {
		return nil
	}
	// ok: go-allocation-from-request
	return make([]byte, req.Length)
}

func held(req *request) []string {
	// ok: go-allocation-from-request
	return make([]string, len(req.Items))
}
