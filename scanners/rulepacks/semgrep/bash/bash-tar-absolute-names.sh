#!/bin/bash
# ruleid: bash-tar-absolute-names
tar --absolute-names -xf "${layer}"
# ruleid: bash-tar-absolute-names
tar -xPf "${layer}" -C "${rootfs}"
# ok: bash-tar-absolute-names
tar -xf "${layer}" -C "${rootfs}"
# ok: bash-tar-absolute-names
tar -xzf "${layer}" --no-same-owner
