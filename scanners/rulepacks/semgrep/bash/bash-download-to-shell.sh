#!/bin/bash
# ruleid: bash-download-to-shell
curl -fsSL https://example.org/install.sh | sh

# ruleid: bash-download-to-shell
wget -qO- https://example.org/install.sh | sudo bash -s -- --yes

# ok: bash-download-to-shell
curl -fsSLo install.sh https://example.org/install.sh

# ok: bash-download-to-shell
curl -fsSL https://example.org/list.json | jq .
