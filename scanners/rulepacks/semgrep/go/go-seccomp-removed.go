package sample

func strip(spec *Spec, process *Process) {
	// ruleid: go-seccomp-removed
	spec.Linux.Seccomp = nil
	// ruleid: go-seccomp-removed
	process.NoNewPrivileges = false
	// ok: go-seccomp-removed
	spec.Linux.Seccomp = defaultProfile()
	// ok: go-seccomp-removed
	process.NoNewPrivileges = true
}
