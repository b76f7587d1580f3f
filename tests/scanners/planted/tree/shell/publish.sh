#!/bin/bash
set -eu
registry="$1"
echo "publishing to ${registry} as ${REGISTRY_USER} with ${REGISTRY_PASSWORD}"
oras login "${registry}" -u "${REGISTRY_USER}" --password-stdin <<< "${REGISTRY_PASSWORD}"
