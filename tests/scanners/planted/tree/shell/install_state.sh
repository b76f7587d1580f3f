#!/bin/sh
set -e
destdir="${DESTDIR:-/}"
install -d -m 0777 "${destdir}/var/lib/vmm/state"
