package vmm

func virtiofsdArgs(socket, source string) []string {
	args := []string{
		"--socket-path=" + socket,
		"--shared-dir=" + source,
		"--sandbox=none",
		"--announce-submounts",
	}
	return args
}
