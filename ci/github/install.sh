#!/usr/bin/env bash
# Installs the toolkit that this script is a part of, and the scanners in an environment of their own.
# Every package is pinned with its hash. Reads RUNNER_TEMP, GITHUB_PATH, TM_SCANNERS (true or false).
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

word RUNNER_TEMP "${RUNNER_TEMP:-}"
tools="$RUNNER_TEMP/threatmodel-tools"
export PIP_DISABLE_PIP_VERSION_CHECK=1

python3 -m venv "$tools/run"
"$tools/run/bin/python" -m pip install --quiet --require-hashes -r "$root/requirements/build.txt"
"$tools/run/bin/python" -m pip install --quiet --require-hashes -r "$root/requirements/run.txt"
"$tools/run/bin/python" -m pip install --quiet --no-deps --no-build-isolation --no-index "$root"
mkdir -p "$tools/bin"
ln -sf "$tools/run/bin/threatmodel" "$tools/bin/threatmodel"

if [ "${TM_SCANNERS:-false}" = true ]; then
  python3 -m venv "$tools/scanners"
  "$tools/scanners/bin/python" -m pip install --quiet --require-hashes -r "$root/requirements/scanners.txt"
fi

if [ -n "${GITHUB_PATH:-}" ]; then printf '%s\n' "$tools/bin" >> "$GITHUB_PATH"; fi
"$tools/bin/threatmodel" doctor --tools "$tools/scanners/bin"
