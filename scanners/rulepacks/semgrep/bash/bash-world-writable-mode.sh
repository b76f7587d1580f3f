#!/bin/bash
# ruleid: bash-world-writable-mode
chmod 777 /run/app.sock

# ruleid: bash-world-writable-mode
sudo chmod -R a+rw /dev/kvm

# ok: bash-world-writable-mode
chmod 0755 /usr/local/bin/app

# ok: bash-world-writable-mode
chmod u+w rootfs
