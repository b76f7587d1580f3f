#!/usr/bin/env bash
# Builds the bundle of one release, with an archive, unsigned. No secret is needed.
#
# Reads: TM_CHECKOUT, TM_MODEL, TM_RELEASE, TM_SOURCE (optional), TM_OUT, TM_TOOLS (folder with scanners, optional),
# TM_PREVIOUS (folder of the bundle of the release before, optional), TM_INCOMPLETE (fail or warn).
# Writes the bundle and what stands beside it to TM_OUT, and its name to GITHUB_OUTPUT as `name`.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

for name in TM_CHECKOUT TM_MODEL TM_RELEASE TM_OUT; do word "$name" "${!name:-}"; done
mkdir -p -- "$TM_OUT"
out=$(cd -- "$TM_OUT" && pwd)
cd -- "$TM_CHECKOUT"

arguments=("$TM_MODEL" -o "$out" --release "$TM_RELEASE" --archive)
if [ -n "${TM_SOURCE:-}" ]; then word TM_SOURCE "$TM_SOURCE" && arguments+=(--source "$TM_SOURCE"); fi
if [ -n "${TM_TOOLS:-}" ]; then word TM_TOOLS "$TM_TOOLS" && arguments+=(--tools "$TM_TOOLS"); fi
if [ -n "${TM_PREVIOUS:-}" ]; then word TM_PREVIOUS "$TM_PREVIOUS" && arguments+=(--previous "$TM_PREVIOUS"); fi

status=0
folder=$(threatmodel build "${arguments[@]}") || status=$?
case $status in 0 | 3) ;; *) exit "$status" ;; esac
threatmodel verify "$folder"
if [ -n "${GITHUB_OUTPUT:-}" ]; then printf 'name=%s\n' "$(basename -- "$folder")" >> "$GITHUB_OUTPUT"; fi
accept "$status" "${TM_INCOMPLETE:-warn}"
