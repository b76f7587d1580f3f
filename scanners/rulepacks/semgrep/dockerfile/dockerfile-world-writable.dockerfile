FROM example.org/base:1.2
# ruleid: dockerfile-world-writable
COPY --chmod=777 tool /opt/tool
# ruleid: dockerfile-world-writable
RUN chmod -R a+rwX /opt
# ok: dockerfile-world-writable
COPY --chmod=755 tool /opt/tool
# ok: dockerfile-world-writable
RUN chmod 1777 /scratch
# ok: dockerfile-world-writable
RUN chmod -R a+rwX ${CARGO_HOME}
