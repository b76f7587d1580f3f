package sample

import (
	"context"
	"fmt"
	"os/exec"
)

func run(ctx context.Context, device string) {
	// ruleid: go-shell-command
	exec.Command("sh", "-c", "blockdev --getsize64 "+device)

	script := fmt.Sprintf("mount %s /mnt", device)
	// ruleid: go-shell-command
	exec.CommandContext(ctx, "/bin/bash", "-ec", script)

	// ok: go-shell-command
	exec.Command("sh", "-c", "uname -r")

	// ok: go-shell-command
	exec.Command("blockdev", "--getsize64", device)
}
