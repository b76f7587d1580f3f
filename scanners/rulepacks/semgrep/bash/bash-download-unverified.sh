#!/bin/bash
# ruleid: bash-download-unverified
curl -sSLk -o kernel.tar https://example.org/kernel.tar

# ruleid: bash-download-unverified
wget --no-check-certificate https://example.org/kernel.tar

# ok: bash-download-unverified
curl -sSL --cacert ca.pem -o kernel.tar https://example.org/kernel.tar
# ok: bash-download-unverified
wget -q https://example.org/kernel.tar
