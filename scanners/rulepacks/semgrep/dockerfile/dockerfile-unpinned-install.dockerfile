FROM example.org/base:1.2
# ruleid: dockerfile-unpinned-install
RUN go install example.org/tool@latest
# ruleid: dockerfile-unpinned-install
RUN pip install --no-cache-dir measure
# ok: dockerfile-unpinned-install
RUN go install example.org/tool@v1.2.3
# ok: dockerfile-unpinned-install
RUN pip install --no-cache-dir -r requirements.txt
