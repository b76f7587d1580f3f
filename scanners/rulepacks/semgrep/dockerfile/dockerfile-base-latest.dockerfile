# ruleid: dockerfile-base-latest
FROM example.org/base:latest AS build
# ruleid: dockerfile-base-latest
FROM opensuse/tumbleweed
# ok: dockerfile-base-latest
FROM example.org/base:1.2@sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d
# ok: dockerfile-base-latest
FROM build
