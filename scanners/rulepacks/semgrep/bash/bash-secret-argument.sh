#!/bin/bash
# ruleid: bash-secret-argument
docker login -u user --password "${REGISTRY_TOKEN}" registry.example.org

# ok: bash-secret-argument
echo "${REGISTRY_TOKEN}" | docker login -u user --password-stdin registry.example.org
