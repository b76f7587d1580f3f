#!/bin/bash
cmd="$1"
# ruleid: bash-eval-variable
eval "$cmd"

# ruleid: bash-eval-variable
eval $cmd --flag

# ok: bash-eval-variable
eval "set -- one two"

# ok: bash-eval-variable
"${args[@]}"
# ok: bash-eval-variable
eval set -- "${args}"

# ok: bash-eval-variable
eval "${APT_INSTALL}" kmod
