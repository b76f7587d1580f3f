#!/bin/bash
# ruleid: bash-download-to-tar
curl -fsSL https://example.org/go.tar.gz | tar -xz -C /usr/local
# ruleid: bash-download-to-tar
wget -qO- "${url}" | \
	sudo tar -xJ
# ok: bash-download-to-tar
curl -fsSLo go.tar.gz https://example.org/go.tar.gz
echo "${digest}  go.tar.gz" | sha256sum -c
# ok: bash-download-to-tar
curl -fsSL https://example.org/version | head -n 1
