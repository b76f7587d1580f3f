#!/usr/bin/env bash

check_annotation() {
	local annotation="$1"
	if [[ "${annotation}" =~ [a-z0-9_.]+ ]]; then
		return 0
	fi
	return 1
}

check_annotation "$1" || exit 1
