FROM example.org/base:1.2
# ruleid: dockerfile-secret-in-image
ARG REGISTRY_TOKEN
# ruleid: dockerfile-secret-in-image
ENV PASSWORD=abc
# ok: dockerfile-secret-in-image
ARG TOKEN_FILE=/run/secrets/token
# ok: dockerfile-secret-in-image
RUN --mount=type=secret,id=token make
