"""Where the source of each element lies. The most specific component that matches a path wins."""

from __future__ import annotations

from threatmodel.dsl import Component

Component("tests", "tests/**", "**/*_test.go", "libcontainer/integration/**", role="test")
Component("documents", "docs/**", "man/**", "contrib/**", "*.md", role="docs")
Component(
    "container-start",
    "libcontainer/{init_linux,standard_init_linux,setns_init_linux,rootfs_linux,mount_linux,console_linux}.go",
    "libcontainer/{nsenter,apparmor,capabilities,seccomp,keys}/**",
    "internal/{pathrs,sys}/**",
    "init.go",
    runs_in=["runc-init"],
)
Component(
    "runtime",
    "libcontainer/**",
    "internal/**",
    "types/**",
    "vendor/**",
    "{main,create,delete,events,exec,features*,kill,list,notify_socket,pause,ps,restore,checkpoint,rlimit_linux,"
    "rootless_linux,run,signals,spec,start,state,tty,update,utils,utils_linux}.go",
    runs_in=["runc", "runc-init"],
)
Component("build", "script/**", ".github/**", "*", role="build")
