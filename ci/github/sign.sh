#!/usr/bin/env bash
# Signs a bundle that another job has built, and checks the signature with the public key of the repository.
#
# Reads: TM_OUT (folder with the bundle), TM_NAME (its name), TM_BUILDER (a URI), TM_PUBLIC_KEY (file),
# TM_SIGNING_KEY (the private key in PEM, from a secret of a protected environment), RUNNER_TEMP.
set -euo pipefail
set +x
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

for name in TM_OUT TM_NAME TM_BUILDER TM_PUBLIC_KEY RUNNER_TEMP; do word "$name" "${!name:-}"; done
[ -n "${TM_SIGNING_KEY:-}" ] || die "there is no signing key; see docs/signing.md"

umask 077
folder=$(mktemp -d -- "$RUNNER_TEMP/key.XXXXXXXX")
trap 'rm -rf -- "$folder"' EXIT
printf '%s\n' "$TM_SIGNING_KEY" > "$folder/signing.key"
unset TM_SIGNING_KEY

# An archive unpacked by the artefact store may have lost modes; content is what counts.
threatmodel sign "$TM_OUT/$TM_NAME" --key "$folder/signing.key" --builder "$TM_BUILDER"
rm -rf -- "$folder"
threatmodel verify "$TM_OUT/$TM_NAME" --key "$TM_PUBLIC_KEY" --require "builder=$TM_BUILDER"
threatmodel verify "$TM_OUT/$TM_NAME.tar.gz" --key "$TM_PUBLIC_KEY"
