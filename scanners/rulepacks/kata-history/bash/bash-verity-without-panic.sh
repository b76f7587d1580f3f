#!/bin/sh
# ruleid: bash-verity-without-panic
veritysetup open /dev/vda1 root /dev/vda2 "${digest}"

# ruleid: bash-verity-without-panic
veritysetup open "${disk}" "${name}" "${tree}" "${digest}" \
	--no-superblock \
	--salt="${salt}"

# ok: bash-verity-without-panic
veritysetup open --panic-on-corruption /dev/vda1 root /dev/vda2 "${digest}"

# ok: bash-verity-without-panic
veritysetup open /dev/vda1 root /dev/vda2 "${digest}" \
	--restart-on-corruption

# ok: bash-verity-without-panic
veritysetup close root
