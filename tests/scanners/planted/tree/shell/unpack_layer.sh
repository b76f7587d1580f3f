#!/bin/bash
set -euo pipefail

layer="$1"
rootfs="$2"

mkdir -p "${rootfs}"
cd "${rootfs}"
tar --absolute-names -xf "${layer}"
