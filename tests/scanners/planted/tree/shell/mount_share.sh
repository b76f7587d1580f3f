#!/bin/bash
tag="${1:?}"
mkdir -p /mnt/share
mount -t 9p -o trans=virtio,version=9p2000.L "${tag}" /mnt/share
