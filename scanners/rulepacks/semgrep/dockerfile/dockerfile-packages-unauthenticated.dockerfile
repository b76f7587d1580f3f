FROM example.org/base:1.2
# ruleid: dockerfile-packages-unauthenticated
RUN apt-get install -y --allow-unauthenticated tool
# ruleid: dockerfile-packages-unauthenticated
RUN echo "deb [trusted=yes] https://example.org/deb stable main" > /etc/apt/sources.list
# ok: dockerfile-packages-unauthenticated
RUN apt-get install -y tool
# ok: dockerfile-packages-unauthenticated
RUN dnf install -y --setopt=gpgcheck=1 tool
