package sample

import "net/http"

func (s *server) stop(w http.ResponseWriter, r *http.Request) {
	if !s.authorized(r) {
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	s.vm.stop()
}

// ruleid: go-handler-without-authorisation
func (s *server) resize(w http.ResponseWriter, r *http.Request) {
	s.vm.resize(r.FormValue("memory"))
}

// ruleid: go-handler-without-authorisation
func (s *server) remove(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodDelete {
		return
	}
	s.vm.remove(r.FormValue("disk"))
}

// ok: go-handler-without-authorisation
func (s *server) attach(w http.ResponseWriter, r *http.Request) {
	if !s.isAllowed(r, "attach") {
		return
	}
	s.vm.attach(r.FormValue("disk"))
}

// ok: go-handler-without-authorisation
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusOK)
}
