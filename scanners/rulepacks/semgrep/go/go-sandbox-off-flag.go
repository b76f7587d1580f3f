package sample

func flags(socket string) []string {
	return []string{
		"--socket-path=" + socket,
		// ruleid: go-sandbox-off-flag
		"--sandbox=none",
	}
}

func pair() []string {
	// ruleid: go-sandbox-off-flag
	return []string{"--seccomp", "false"}
}

func chroot() []string {
	// ok: go-sandbox-off-flag
	return []string{"--sandbox=chroot", "--seccomp=kill"}
}

func other() []string {
	// ok: go-sandbox-off-flag
	return []string{"--cache", "none"}
}
func asked(c config, args []string) []string {
	if c.DisableSeccomp {
		// ok: go-sandbox-off-flag
		args = append(args, "--seccomp", "false")
	}
	return args
}
