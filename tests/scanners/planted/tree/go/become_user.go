package launcher

import (
	"os"
	"os/exec"
	"syscall"
)

func become(uid, gid int) {
	syscall.Setgroups([]int{})
	syscall.Setgid(gid)
	syscall.Setuid(uid)
	cmd := exec.Command("/usr/bin/vmm")
	cmd.Stdout = os.Stdout
	_ = cmd.Run()
}
