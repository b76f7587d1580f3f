FROM example.org/base:1.2 AS build
# ok: dockerfile-root-user
USER root
RUN make
FROM example.org/base:1.2 AS first
# ruleid: dockerfile-root-user
USER root
RUN make
CMD ["/first"]
FROM example.org/base:1.2 AS second
# ruleid: dockerfile-root-user
USER 0:0
ENTRYPOINT ["/second"]
FROM example.org/base:1.2
# ok: dockerfile-root-user
USER root
RUN make install
USER 1000
ENTRYPOINT ["/tool"]
