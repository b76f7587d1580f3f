#!/bin/bash
# ruleid: bash-download-plain-http
curl -LO http://example.org/busybox.tar.bz2

# ok: bash-download-plain-http
curl -LO https://example.org/busybox.tar.bz2

# ok: bash-download-plain-http
curl http://localhost:8090/metrics
# ruleid: bash-download-plain-http
wget -q http://example.org/kernel.tar
