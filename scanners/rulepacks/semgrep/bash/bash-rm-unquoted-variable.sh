#!/bin/bash
# ruleid: bash-rm-unquoted-variable
rm -rf $workdir

# ruleid: bash-rm-unquoted-variable
sudo rm -rf ${workdir}/rootfs

# ok: bash-rm-unquoted-variable
rm -rf "${workdir:?}"

# ok: bash-rm-unquoted-variable
rm -rf "$workdir"/rootfs
