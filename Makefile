# Two commands: `make run` and `make test`. Everything they need they install and start themselves.

# The first Python of 3.11 to 3.13 on the PATH; PYTHON=... names another one.
CANDIDATES := python3.11 python3.12 python3.13 python3
IS_SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in $(CANDIDATES); do $$name -c "$(IS_SUPPORTED)" 2>/dev/null && echo $$name && break; done)

PIP_INSTALL := .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes
UV := .data/uv/bin/uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --custom-compile-command "make requirements"

# Bytecode is kept wherever a shell forbids it too: some twenty processes of one run would each compile the service anew.
unexport PYTHONDONTWRITEBYTECODE

# promtool is Debian's, taken out of its package unless there is one on the PATH: nothing is installed.
PROMTOOL := $(or $(shell command -v promtool),.data/prometheus/usr/bin/promtool)

.PHONY: help run test test-kafka lint check-compose check-asyncapi check-alerts format demo bench bench-bus bench-discovery bench-registration clean requirements
.DEFAULT_GOAL := help

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 22

run: .venv/run-installed ## Start the whole service on APP_PORT (8083), with the servers that no URL is set for
	@exec .venv/bin/python -m meetinity_events.embedded run

test: .venv/test-installed ## Run the test suite on servers of its own
	@exec .venv/bin/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

test-kafka: .venv/test-installed ## Run tests/broker and the demo on Apache Kafka 3.5 with ZooKeeper and on Kafka 4 (Java 17, Maven)
	@exec .venv/bin/python -m tests.broker.apache $(KAFKA)

lint: .venv/test-installed ## Check format, style, floors and types
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/lint-imports
	.venv/bin/mypy

check-compose: .venv/test-installed ## Check compose.yaml against the schema of the compose specification
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml

check-asyncapi: .data/asyncapi/installed ## Check docs/messages by AsyncAPI's own parser; needs Node.js 18 or newer
	node .data/asyncapi/check.js docs/messages/asyncapi.yaml

check-alerts: $(PROMTOOL) ## Check what deploy/monitoring scrapes, and try each of its alerts, with promtool
	$(PROMTOOL) check config deploy/monitoring/prometheus.yaml
	$(PROMTOOL) test rules deploy/monitoring/alerts_test.yaml

.data/prometheus/usr/bin/promtool:
	@mkdir -p .data/prometheus
	cd .data/prometheus && apt-get download -qq prometheus && dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb

format: .venv/test-installed ## Format the code and repair what can be repaired
	.venv/bin/ruff format
	.venv/bin/ruff check --fix

demo: .venv/run-installed ## Show the main job over HTTP and Kafka, on the running service or on one of its own
	@exec .venv/bin/python -m meetinity_events.embedded demo

bench-bus: .venv/test-installed ## Measure the relay and the consumer on Apache Kafka 4 (Java 17, Maven)
	@exec .venv/bin/python -m benchmarks.bus

bench: .venv/run-installed ## Measure what each route costs beside an empty view
	@exec .venv/bin/python -m benchmarks.routes

bench-registration: .venv/run-installed ## Measure a crowd before one event beside one before 1,000 and the ORM's way
	@exec .venv/bin/python -m benchmarks.registrations

bench-discovery: .venv/run-installed ## Hold lists, searches and details to their targets, up to a million events
	@exec .venv/bin/python -m benchmarks.discovery

clean: ## Remove the data folder
	@if [ -f .venv/run-installed ]; then exec .venv/bin/python -m meetinity_events.embedded clean; else rm -rf .data; fi

requirements: $(UV) ## Compile requirements/*.in into pinned files with hashes
	$(COMPILE) --output-file requirements/base.txt requirements/base.in
	$(COMPILE) --output-file requirements/embedded.txt requirements/embedded.in
	$(COMPILE) --output-file requirements/dev.txt requirements/dev.in

.venv/made:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed; name it with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c "$(IS_SUPPORTED)" || { echo "PYTHON=$(PYTHON) is not Python 3.11 to 3.13." >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/run-installed: .venv/made requirements/base.txt requirements/embedded.txt
	$(PIP_INSTALL) -r requirements/base.txt -r requirements/embedded.txt
	@touch $@

.venv/test-installed: .venv/run-installed requirements/dev.txt
	$(PIP_INSTALL) -r requirements/base.txt -r requirements/embedded.txt -r requirements/dev.txt
	@touch $@

.data/asyncapi/installed: tests/contract/asyncapi/package-lock.json tests/contract/asyncapi/check.js
	@command -v npm >/dev/null || { echo "npm, which comes with Node.js, is needed." >&2; exit 1; }
	@mkdir -p .data/asyncapi && cp tests/contract/asyncapi/* .data/asyncapi
	npm ci --prefix .data/asyncapi --no-audit --no-fund --ignore-scripts --silent
	@touch $@

$(UV): | .venv/made
	.venv/bin/python -m venv .data/uv
	.data/uv/bin/python -m pip install --quiet --disable-pip-version-check uv
	@touch $@
