# Dateline as one static binary that runs as nobody in particular.
#
#   docker build -t dateline .
#   docker run -v ./config:/config:ro -v dateline-state:/state dateline
#
# The config folder is mounted at /config, this machine's own things (keys, a
# SQLite store, the daemon's id) at /state: write `state: /state` in
# dateline.yaml. The zone database is in the binary; the image brings the
# certificates that TLS to a relay needs.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/dateline ./cmd/dateline
RUN mkdir -p /out/config /out/state

FROM gcr.io/distroless/static-debian12
COPY --from=build /out/dateline /usr/local/bin/dateline
COPY --from=build --chown=65532:65532 /out/config /config
COPY --from=build --chown=65532:65532 /out/state /state
USER 65532:65532
WORKDIR /config
VOLUME ["/config", "/state"]
ENTRYPOINT ["/usr/local/bin/dateline"]
CMD ["serve"]
