#!/bin/bash
# ruleid: bash-container-privileged
docker run --rm --privileged builder make rootfs

# ruleid: bash-container-privileged
sudo podman run -it --privileged image

# ok: bash-container-privileged
docker run --rm --cap-add=SYS_ADMIN builder make rootfs
# ok: bash-container-privileged
docker create --security-opt no-new-privileges builder
