#!/bin/bash
# ruleid: bash-sandbox-off-flag
docker run --security-opt seccomp=unconfined builder make
# ruleid: bash-sandbox-off-flag
virtiofsd --socket-path /run/fs.sock --sandbox none
# ok: bash-sandbox-off-flag
docker run --security-opt seccomp=profile.json builder make
# ok: bash-sandbox-off-flag
virtiofsd --socket-path /run/fs.sock --sandbox namespace
