#!/bin/bash
# ruleid: bash-ssh-host-key-check-off
scp -o StrictHostKeyChecking=no image root@node:/tmp

# ok: bash-ssh-host-key-check-off
ssh -o StrictHostKeyChecking=yes root@node true
