#!/bin/bash
# ruleid: bash-fixed-temp-file
dmesg > /tmp/dmesg.log

# ruleid: bash-fixed-temp-file
journalctl -t app | sudo tee -a "/var/tmp/app.log"

log="$(mktemp)"
# ok: bash-fixed-temp-file
dmesg > "$log"

# ok: bash-fixed-temp-file
cat /tmp/dmesg.log > /dev/null
