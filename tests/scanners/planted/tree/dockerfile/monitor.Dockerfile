FROM docker.io/library/golang:1.22.3@sha256:f43c6f049f04cbbaeb28f0aad3eea15274a7d0a7899a617d0037aec48d7ab010 AS build
WORKDIR /src
COPY . .
RUN go build -o /monitor ./cmd/monitor

FROM docker.io/library/debian:12.5@sha256:b37bc259c67238d814516548c17ad912f26c3eed48dd9bb54893eafec8739c89
COPY --from=build /monitor /usr/bin/monitor
USER root
ENTRYPOINT ["/usr/bin/monitor"]
