# Dateline as one static program that runs as nobody in particular, in an image
# with a read-only root and no shell.
#
#   docker build -t dateline .
#   docker run --read-only --tmpfs /tmp -v ./config:/config:ro -v dateline-state:/state dateline
#
# The config folder is mounted at /config, this machine's own things (keys, a
# SQLite store, the daemon's id) at /state: write `state: /state` in
# dateline.yaml, and `store: sqlite:/state/dateline.db` where there is no
# PostgreSQL. Several daemons share their keys at /keys. The zone database is in
# the program; the image brings the certificates that TLS to a relay needs.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
# With .git, from which Go stamps the version.
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/dateline ./cmd/dateline
RUN mkdir -p /out/config /out/state /out/keys

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/dateline /usr/local/bin/dateline
COPY --from=build --chown=65532:65532 /out/config /config
COPY --from=build --chown=65532:65532 /out/state /state
COPY --from=build --chown=65532:65532 /out/keys /keys
USER 65532:65532
WORKDIR /
VOLUME ["/state"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=1m CMD ["/usr/local/bin/dateline", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/dateline"]
CMD ["serve"]
