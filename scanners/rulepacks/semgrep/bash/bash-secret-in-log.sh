#!/bin/bash
# ruleid: bash-secret-in-log
echo "login with ${REGISTRY_TOKEN}"
# ruleid: bash-secret-in-log
printf 'password: %s\n' "$password"
# ok: bash-secret-in-log
printf '%s' "${REGISTRY_TOKEN}" | oras login --password-stdin
# ok: bash-secret-in-log
echo "no token in ${token_file}"
