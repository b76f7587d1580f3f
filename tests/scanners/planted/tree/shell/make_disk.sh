#!/bin/bash

name="$1"
size="$2"
options="${MKFS_OPTIONS:-}"

truncate -s "${size}" "${name}"
mkfs.ext4 $options "$name"
