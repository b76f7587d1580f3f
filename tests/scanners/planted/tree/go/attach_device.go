package api

import (
	"net/http"
)

type api struct{ vm machine }

type machine interface {
	Attach(path string) error
	Detach(path string) error
}

func (a *api) detach(w http.ResponseWriter, r *http.Request) {
	if !a.authorized(r) {
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	_ = a.vm.Detach(r.FormValue("path"))
}

func (a *api) attach(w http.ResponseWriter, r *http.Request) {
	if err := a.vm.Attach(r.FormValue("path")); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (a *api) authorized(r *http.Request) bool { return r.TLS != nil }
