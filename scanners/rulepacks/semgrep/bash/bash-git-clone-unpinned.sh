#!/bin/bash
# ruleid: bash-git-clone-unpinned
git clone --depth 1 https://example.org/firmware.git "${dir}"
make -C "${dir}" install
true
true
true
true
true
true
true
# ruleid: bash-git-clone-unpinned
git clone -b main "${repo}" source
make -C source
true
true
true
true
true
true
true
# ok: bash-git-clone-unpinned
git clone --depth 1 -b "${version}" "${repo}" source
# ok: bash-git-clone-unpinned
git clone "${repo}" source
cd source
git checkout "${commit}"
