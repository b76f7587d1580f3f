#!/bin/bash
# ruleid: bash-download-made-executable
curl -fsSLo tool https://example.org/tool
chmod +x tool
# ruleid: bash-download-made-executable
wget -q "${url}"
sudo install -o root -m 0755 kubectl /usr/local/bin/kubectl
# ok: bash-download-made-executable
curl -fsSLo tool https://example.org/tool
echo "${digest}  tool" | sha256sum -c -
chmod +x tool
# ok: bash-download-made-executable
curl -fsSLo list.txt https://example.org/list.txt
chmod 0644 list.txt
