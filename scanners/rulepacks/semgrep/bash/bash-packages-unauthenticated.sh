#!/bin/bash
# ruleid: bash-packages-unauthenticated
apt-get install -y --allow-unauthenticated qemu

# ruleid: bash-packages-unauthenticated
echo "deb [trusted=yes] https://example.org/debian ./" > "$list"

# ok: bash-packages-unauthenticated
apt-get install -y --no-install-recommends qemu
# ok: bash-packages-unauthenticated
apk add --no-cache make
