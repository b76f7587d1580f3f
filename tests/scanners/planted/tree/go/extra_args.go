package vmm

import (
	"os/exec"
	"strings"
)

func start(bin string, annotations map[string]string) error {
	args := []string{"--socket-path", "/run/vc/virtiofsd.sock"}
	if extra, ok := annotations["io.example.virtiofsd_args"]; ok {
		args = append(args, strings.Fields(extra)...)
	}
	return exec.Command(bin, args...).Start()
}
