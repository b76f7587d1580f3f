#!/bin/bash
# ruleid: bash-secret-argument
docker login -u user --password "${REGISTRY_TOKEN}" registry.example.org

# ok: bash-secret-argument
echo "${REGISTRY_TOKEN}" | docker login -u user --password-stdin registry.example.org
# ruleid: bash-secret-argument
mysql -u root --password="${DB_PASSWORD}" -e "select 1"

# ok: bash-secret-argument
helm upgrade app ./chart --set "name=${NAME}"
