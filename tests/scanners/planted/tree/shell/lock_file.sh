#!/bin/bash
lock=/var/lock/vmm-install

if [ ! -e "$lock" ]; then
	touch "$lock"
else
	exit 1
fi
