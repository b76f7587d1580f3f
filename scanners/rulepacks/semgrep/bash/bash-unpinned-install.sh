#!/bin/bash
# ruleid: bash-unpinned-install
go install example.org/tool@latest
# ruleid: bash-unpinned-install
pip install --user measure
# ok: bash-unpinned-install
go install example.org/tool@v1.2.3
# ok: bash-unpinned-install
pip install --require-hashes -r requirements.txt
