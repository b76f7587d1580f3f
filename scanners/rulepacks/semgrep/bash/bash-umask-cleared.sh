#!/bin/bash
# ruleid: bash-umask-cleared
umask 0000
# ruleid: bash-umask-cleared
(umask 0; mkdir -p "${state}")
# ok: bash-umask-cleared
umask 022
# ok: bash-umask-cleared
umask 0077
