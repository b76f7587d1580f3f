FROM docker.io/library/debian:12.5@sha256:b37bc259c67238d814516548c17ad912f26c3eed48dd9bb54893eafec8739c89
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl xz-utils
RUN curl -fsSL https://example.org/toolchain/13.2/toolchain.tar.xz | tar -xJ -C /usr/local
USER 1000
