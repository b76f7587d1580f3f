#!/bin/bash
# ruleid: bash-test-then-create
if [ ! -e "$lock" ]; then
	touch "$lock"
fi
# ruleid: bash-test-then-create
[[ -f "${pid_file}" ]] || echo $$ > "${pid_file}"
# ok: bash-test-then-create
exec 9> "$lock" && flock -n 9
# ok: bash-test-then-create
mkdir "$lock_dir" || exit 1
