# make test     everything: sets up what is missing, lints, tests with the race detector, fuzzes each target for two seconds
# make setup    installs what the tests need (Debian), downloads and builds the tools
# make lint     golangci-lint, gofumpt, go vet
# make unit     go test -race, with one PostgreSQL server for all packages
# make fuzz     every fuzz target for 60s each, with the corpus kept in .build/fuzz; FUZZTIME=10m, FUZZ=FuzzMessage, PKG=./internal/dsn narrow it
# make demo     the demo
# make bench    the figures of docs/performance.md; BENCH=quick does the ratios in a minute
# make bench-bounces  what is read of real bounces, and how fast; needs the corpus
# make bench-imports  how long 100,000 and 1,000,000 contacts take to import
# make bench-console  how long the delivery log takes to answer, over 10,000,000 deliveries; BENCH="-postgres 100000 -sqlite 10000" is quick
# make scale    a release to 1,000,000 on PostgreSQL with 10,000,000 deliveries behind it, and the plans of the hottest statements, which go into docs/explain; SCALE="-contacts 20000 -past 100000" is quick
# make torture  the daemon's bad days: kills, outages, stops; ORDEAL=Kills does one kind, SEED=… chooses the moments
# make soak     half an hour of two daemons under everything at once; SOAK=3m is a short one
# make model    rules 1 to 4 under every interleaving, with more accidents at once than the tests have
# make pictures the sample mail in all its languages, as PNG in .build/pictures
# make release  what is released, into dist/: programs, archives, Debian packages
# make reproduce  builds it twice, in two places, and compares every byte
#
# PKG=./internal/plan narrows lint and unit to one package.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := test
.NOTPARALLEL:

PKG ?= ./...
# Tools have a module file of their own, so that go.mod shows only what ships.
TOOL := go tool -modfile=tools/go.mod

.PHONY: help test setup lint unit fuzz demo bench bench-bounces bench-imports bench-console scale torture soak model pictures release reproduce

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

# -k: a lint fault does not hide a failing test, nor the other way round.
test:
	@if $(MAKE) --no-print-directory -k setup lint unit fuzz FUZZTIME=$${FUZZTIME:-2s}; \
	then echo '===== make test: PASSED ====='; \
	else echo '===== make test: FAILED ====='; exit 1; fi

setup:
	@scripts/setup
	@go mod download
	@$(TOOL) golangci-lint version >/dev/null
	@$(TOOL) gofumpt -version >/dev/null

lint:
	$(TOOL) golangci-lint run $(PKG)
	@unformatted="$$($(TOOL) gofumpt -l .)"; \
	if [[ -n "$$unformatted" ]]; \
	then printf 'not in the form of gofumpt (gofumpt -w FILE):\n%s\n' "$$unformatted" >&2; exit 1; fi
	go vet $(PKG)

# The race detector watches all but what takes most of its time and shares
# nothing: the SQLite that was translated from C, which is guarded by its
# package's mutexes, and those who read patterns, styles and HTML. Nothing
# generic may be among them (its code might be taken for everybody), nor what
# others look into by reflection. Checks of unsafe pointers are for code that has
# some, and we have none.
UNWATCHED := modernc.org/sqlite/lib regexp regexp/syntax github.com/gorilla/css/scanner github.com/vanng822/css golang.org/x/net/html
RACE := -race '-gcflags=all=-d=checkptr=0' $(UNWATCHED:%='-gcflags=%=-race=false -d=checkptr=0')

# Without the server of withpostgres each package would start one of its own.
# Three at once: some of them wait for mail servers most of the time.
unit: setup
	@mkdir -p .build
	@go build -o .build/withpostgres ./internal/testenv/withpostgres
	GOGC=400 .build/withpostgres go test $(RACE) -vet=off -p 3 -timeout 20m $(PKG)
	go test -timeout 10m -run '^TestThousands' ./internal/dispatch # what the race detector leaves out

fuzz:
	@FUZZTIME=$(FUZZTIME) FUZZ='$(FUZZ)' PKG='$(PKG)' scripts/fuzz

demo:
	go run ./cmd/dateline demo

# A binary of its own, which gets the signals itself; its last line is JSON.
bench:
	@scripts/setup >&2
	@mkdir -p .build
	@go build -o .build/bench ./bench
	@.build/bench $(BENCH)

bench-bounces:
	@scripts/setup >&2
	@mkdir -p .build
	@go build -o .build/bench ./bench
	@.build/bench bounces

bench-imports:
	@scripts/setup >&2
	@mkdir -p .build
	@go build -o .build/bench ./bench
	@.build/bench imports

bench-console:
	@scripts/setup >&2
	@mkdir -p .build
	@go build -o .build/bench ./bench
	@.build/bench console $(BENCH)

SCALE ?= -explain docs/explain
scale:
	@scripts/setup >&2
	@mkdir -p .build
	@go build -o .build/bench ./bench
	@.build/bench scale $(SCALE)

torture: setup
	@mkdir -p .build
	@go build -o .build/withpostgres ./internal/testenv/withpostgres
	DATELINE_TORTURE=full .build/withpostgres go test -count=1 -v -timeout 10m -run ^TestKilledWhileItReadsReports$$ ./internal/cli | grep --line-buffered -v "^=== "
	DATELINE_TORTURE=full DATELINE_TORTURE_SEED=$(SEED) .build/withpostgres go test -count=1 -v -parallel 10 -timeout 20m -run '$(ORDEAL)' ./torture | grep --line-buffered -v '^=== '

# A binary of its own, so that it sees the terminal.
SOAK ?= 30m
soak: setup
	@mkdir -p .build
	@go build -o .build/withpostgres ./internal/testenv/withpostgres
	@go test -c -o .build/soak ./torture
	@cd torture && DATELINE_SOAK=$(SOAK) DATELINE_TORTURE_SEED=$(SEED) ../.build/withpostgres ../.build/soak -test.run '^TestSoak$$' -test.v -test.timeout 3h

model:
	DATELINE_MODEL=deep go test -count=1 -v -parallel 1 -timeout 60m ./internal/model | grep --line-buffered -v '^=== '

pictures: setup
	@rm -rf .build/pictures
	DATELINE_PICTURES="$(CURDIR)/.build/pictures" go test -count=1 -run '^TestMailInABrowser$$' ./internal/compose

release:
	@scripts/release

reproduce:
	@scripts/reproduce
