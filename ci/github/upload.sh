#!/usr/bin/env bash
# Puts archive and signatures on a release that is still a draft. A published release takes no more files.
#
# Reads: TM_OUT, TM_NAME, TM_TAG, GH_REPO and GH_TOKEN (for gh).
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

for name in TM_OUT TM_NAME TM_TAG GH_REPO; do word "$name" "${!name:-}"; done
draft=$(gh release view "$TM_TAG" --json isDraft --jq .isDraft)
[ "$draft" = true ] || die "release $TM_TAG is not a draft: build the bundle before it is published"
cd -- "$TM_OUT"
for suffix in .tar.gz .SHA256SUMS.sig .intoto.jsonl; do
  [ -f "$TM_NAME$suffix" ] || die "$TM_NAME$suffix is missing"
done
cp -- "$TM_NAME/SHA256SUMS" "$TM_NAME.SHA256SUMS"
gh release upload "$TM_TAG" --clobber -- \
  "$TM_NAME.tar.gz" "$TM_NAME.SHA256SUMS" "$TM_NAME.SHA256SUMS.sig" "$TM_NAME.intoto.jsonl"
