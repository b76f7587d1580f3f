#!/bin/bash
# ruleid: bash-ssh-host-key-check-off
scp -o StrictHostKeyChecking=no image root@node:/tmp

# ok: bash-ssh-host-key-check-off
ssh -o StrictHostKeyChecking=yes root@node true
# ruleid: bash-ssh-host-key-check-off
scp -o StrictHostKeyChecking=no image.tar "${host}:"

# ok: bash-ssh-host-key-check-off
ssh -o UserKnownHostsFile=known_hosts "${host}" true
