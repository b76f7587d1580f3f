#!/bin/bash
# ruleid: bash-weak-random-secret
password="$(date +%s | sha256sum | cut -c1-16)"
# ruleid: bash-weak-random-secret
export API_TOKEN=${RANDOM}${RANDOM}
# ok: bash-weak-random-secret
password="$(openssl rand -hex 16)"
# ok: bash-weak-random-secret
name="run-${RANDOM}"
