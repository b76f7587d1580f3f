#!/bin/bash
# ruleid: bash-unanchored-class-match
if [[ "${name}" =~ [a-z0-9_.]+ ]]; then echo valid; fi
# ruleid: bash-unanchored-class-match
[[ "${uuid}" =~ [[:xdigit:]]{32} ]] || exit 1
# ok: bash-unanchored-class-match
if [[ "${name}" =~ ^[a-z0-9_.]+$ ]]; then echo valid; fi
# ok: bash-unanchored-class-match
[[ "${list}" =~ worker ]] && echo worker
