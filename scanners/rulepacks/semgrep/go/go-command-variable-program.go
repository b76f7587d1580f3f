package sample

import (
	"context"
	"os/exec"
)

const helper = "/usr/libexec/helper"

type config struct {
	Path  string
	hooks []string
}

func start(ctx context.Context, c config, args []string) {
	// ruleid: go-command-variable-program
	exec.Command(c.Path, "--version")

	// ruleid: go-command-variable-program
	exec.CommandContext(ctx, c.hooks[0], args...)

	// ok: go-command-variable-program
	exec.CommandContext(ctx, args[0], args[1:]...)

	// ok: go-command-variable-program
	exec.Command(helper, c.Path)

	// ok: go-command-variable-program
	exec.CommandContext(ctx, "/usr/bin/true")
}
