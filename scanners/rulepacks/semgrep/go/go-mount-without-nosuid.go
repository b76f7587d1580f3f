package sample

import "golang.org/x/sys/unix"

func mounts(dev, dir string) {
	// ruleid: go-mount-without-nosuid
	unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m")
	// ruleid: go-mount-without-nosuid
	unix.Mount(dev, dir, "ext4", unix.MS_RDONLY|unix.MS_NOATIME, "")
	// ok: go-mount-without-nosuid
	unix.Mount(dev, dir, "ext4", unix.MS_NOSUID|unix.MS_NODEV, "")
	// ok: go-mount-without-nosuid
	unix.Mount(dir, dir, "", unix.MS_BIND|unix.MS_REC, "")
}
