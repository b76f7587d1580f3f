#!/bin/bash
# ruleid: bash-mount-without-nosuid
mount -t 9p -o trans=virtio share /mnt/share
# ruleid: bash-mount-without-nosuid
sudo mount -o ro -t ext4 "${device}" "${dir}"
# ok: bash-mount-without-nosuid
mount -t virtiofs -o nosuid,nodev share /mnt/share
# ok: bash-mount-without-nosuid
mount -t proc proc /proc
