#!/bin/bash
# ruleid: bash-unquoted-argument
mkfs.ext4 $options "${image}"
# ruleid: bash-unquoted-argument
sudo mount -o loop ${image} "${dir}"
# ok: bash-unquoted-argument
mkfs.ext4 "${options[@]}" -- "${image}"
# ok: bash-unquoted-argument
echo $options
