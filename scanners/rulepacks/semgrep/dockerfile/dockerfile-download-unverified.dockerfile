FROM example.org/base:1.2
# ruleid: dockerfile-download-unverified
RUN curl -fsSL https://example.org/tool.tar.xz | tar -xJ -C /usr/local
# ruleid: dockerfile-download-unverified
RUN apt-get update && \
    wget -q https://example.org/tool && \
    chmod +x tool
# ok: dockerfile-download-unverified
RUN curl -fsSLo tool https://example.org/tool && \
    echo "${DIGEST}  tool" | sha256sum -c
# ok: dockerfile-download-unverified
RUN apt-get update && apt-get install -y curl wget
