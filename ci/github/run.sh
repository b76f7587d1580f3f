#!/usr/bin/env bash
# The step of the composite action that was asked for in TM_STEP.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

tools="${RUNNER_TEMP:-}/threatmodel-tools/scanners/bin"
if [ -d "$tools" ]; then export TM_TOOLS=$tools; fi
case ${TM_STEP:-} in
  install) threatmodel --version ;;
  pull-request) exec "$here/pull-request.sh" ;;
  build) exec "$here/build.sh" ;;
  *) die "step is none of install, pull-request and build" ;;
esac
