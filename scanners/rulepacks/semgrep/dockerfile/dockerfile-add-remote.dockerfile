FROM example.org/base:1.2
# ruleid: dockerfile-add-remote
ADD https://example.org/tool /usr/bin/tool
# ruleid: dockerfile-add-remote
ADD --chmod=755 https://example.org/other /usr/bin/other
# ok: dockerfile-add-remote
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.org/tool /tool
# ok: dockerfile-add-remote
ADD tool.tar.gz /opt
