FROM docker.io/library/debian:12.5@sha256:b37bc259c67238d814516548c17ad912f26c3eed48dd9bb54893eafec8739c89
COPY build/ /opt/vmm/
RUN groupadd vmm && \
    chmod -R a+rwX /opt/vmm
USER 1000:1000
ENTRYPOINT ["/opt/vmm/run"]
