#!/usr/bin/env bash
# Puts the site and the documents of one release below their own folder of a Pages branch, after verifying them.
# Other releases, and everything else on the branch, stay as they are.
#
# Reads: TM_OUT (folder with the archive and signatures of the release), TM_NAME, TM_RELEASE, TM_PUBLIC_KEY (file),
# TM_PAGES (checkout of the Pages branch), TM_UNDER (folder in it, `collateral` otherwise). Commits; does not push.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

under=${TM_UNDER:-collateral}
for name in TM_OUT TM_NAME TM_RELEASE TM_PUBLIC_KEY TM_PAGES; do word "$name" "${!name:-}"; done
[[ $TM_RELEASE =~ ^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$ ]] || die "TM_RELEASE cannot be the name of a folder"
[[ $TM_NAME =~ ^[0-9A-Za-z][0-9A-Za-z.+_-]{0,160}$ ]] || die "TM_NAME cannot be the name of a bundle"
[[ $under =~ ^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$ ]] || die "TM_UNDER cannot be the name of a folder"

threatmodel verify "$TM_OUT/$TM_NAME.tar.gz" --key "$TM_PUBLIC_KEY" \
  --require "release=$TM_RELEASE" --require edition=public

place="$TM_PAGES/$under/$TM_RELEASE"
[ ! -L "$TM_PAGES/$under" ] || die "$under is a link"
if [ -e "$place" ] || [ -L "$place" ]; then die "$under/$TM_RELEASE is there already; a published release does not change"; fi
mkdir -p -- "$TM_PAGES/$under"
unpacked=$(mktemp -d -- "$TM_PAGES/.git/threatmodel.XXXXXXXX")
trap 'rm -rf -- "$unpacked"' EXIT
tar -xzf "$TM_OUT/$TM_NAME.tar.gz" -C "$unpacked" --no-same-owner --no-same-permissions
mv -- "$unpacked/$TM_NAME" "$place"
touch -- "$TM_PAGES/.nojekyll"
git -C "$TM_PAGES" add -- .nojekyll "$under/$TM_RELEASE"
git -C "$TM_PAGES" commit --quiet --message "docs: security collateral of $TM_RELEASE"
