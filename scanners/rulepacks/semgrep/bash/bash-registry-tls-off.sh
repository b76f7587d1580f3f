#!/bin/bash
# ruleid: bash-registry-tls-off
skopeo copy --src-tls-verify=false docker://registry.example.org/a dir:a
# ruleid: bash-registry-tls-off
GIT_SSL_NO_VERIFY=1 git clone https://example.org/a.git
# ok: bash-registry-tls-off
skopeo copy docker://registry.example.org/a dir:a
# ok: bash-registry-tls-off
oras pull --plain-http localhost:5000/a
