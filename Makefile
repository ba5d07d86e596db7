# DataStorage. Only python3 >= 3.11, make and a package index are needed.
PYTHON ?= python3
PORT ?= 8080
DATA_DIR ?=
SOAK_MINUTES ?= 30
SOAK_SEED ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check
TOX := $(BIN)/tox run --quiet
RINGS := lint,type,unit,integration,contract,e2e,migration,chaos,docs,deploy,clients

.DEFAULT_GOAL := help
.PHONY: help run test image-check rules soak fuzz fuzz-raw lock generate generate-server generate-client generate-typescript clean bench bench-check bench-update bench-curves bench-pictures bench-datastorage check-performance-baseline \
	update-performance-baseline

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# A stamp per lock file: an install is repeated only when its lock or pyproject.toml changed.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "make: python3 >= 3.11 is needed; name another with PYTHON=…" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(BIN)/python requirements/run.txt pyproject.toml
	@echo "Installing DataStorage and its embedded servers into $(VENV) …"
	@$(PIP) install --quiet --require-hashes -r requirements/run.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@echo "Installing the tools of the test-suite into $(VENV) …"
	@$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

run: $(VENV)/.run  ## start the service with its own PostgreSQL and Redis-compatible server
	@exec $(BIN)/datastorage dev --port $(PORT) $(if $(DATA_DIR),--data-dir $(DATA_DIR))

test: $(VENV)/.dev  ## the whole suite: lint, types and every ring of tests
	@$(TOX) -e $(RINGS)
	@echo "Left out: failover and restore, $(BIN)/tox run -e drills; what else needs packages of the system, CONTRIBUTING.md"
	@command -v chromium > /dev/null \
		|| echo "Left out: the console in a browser. apt-get update && apt-get install chromium, then $(BIN)/tox -e console"

image-check: $(VENV)/.dev  ## build the image with buildah and run it in a chroot; as root, needs buildah and debootstrap
	@$(TOX) -e image

soak: $(VENV)/.dev  ## random faults under load, then a count of what is missing; SOAK_MINUTES=30 SOAK_SEED=…
	@SOAK_MINUTES=$(SOAK_MINUTES) SOAK_SEED=$(SOAK_SEED) $(BIN)/python -m tests.chaos.soak

fuzz: $(VENV)/.dev  ## Schemathesis, all phases and checks, healthy, without PostgreSQL and with a full queue: MINUTES=30 SEED=…
	@$(BIN)/python -m tests.fuzz.contract --minutes $(or $(MINUTES),30) $(if $(SEED),--seed $(SEED))

fuzz-raw: $(VENV)/.dev  ## bytes that are hardly HTTP against a running service: URL=http://127.0.0.1:8080 CASES=1000000 SEED=1
	@$(BIN)/python -m tests.fuzz.raw --url $(or $(URL),http://127.0.0.1:$(PORT)) --cases $(or $(CASES),10000) --seed $(or $(SEED),1)

bench: $(VENV)/.dev  ## measure the real service, with a verdict for each mark; without ROWS='post-*' draw the curves too
	@$(BIN)/tox run --quiet -e bench -- $(ROWS)
	@$(if $(ROWS),,$(BIN)/python -m benchmarks.curves)

bench-curves: $(VENV)/.dev  ## measure and draw docs/images/curves; NAMES='batch-size' chooses
	@$(BIN)/python -m benchmarks.curves $(NAMES)

bench-pictures: $(VENV)/.dev  ## draw docs/images/curves from what was measured last
	@$(BIN)/python -m benchmarks.curves --draw $(NAMES)

bench-check: $(VENV)/.dev  ## measure, and fail where a ratio is over 20 % worse than accepted; CORE=1 TOLERANCE=100
	@$(BIN)/tox run --quiet -e bench -- --check $(if $(CORE),--core) $(if $(TOLERANCE),--tolerance $(TOLERANCE)) $(ROWS)

bench-update: $(VENV)/.dev  ## measure, and accept the ratios
	@$(BIN)/tox run --quiet -e bench -- --update $(ROWS)

bench-datastorage: bench
check-performance-baseline: bench-check
update-performance-baseline: bench-update

rules:  ## copy the alerts of deploy/prometheus/rules.yaml into the PrometheusRule for Kubernetes
	@cd deploy && rule=kubernetes/components/monitoring/prometheusrule.yaml && { sed '/^  groups:$$/q' $$rule; \
		sed '1,/^groups:$$/d; s/^\(.\)/  \1/' prometheus/rules.yaml; } > $$rule.new && mv $$rule.new $$rule

COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	--python-version 3.11
lock: $(VENV)/.dev  ## resolve the lock files anew from pyproject.toml
	@$(COMPILE) --extra embedded --output-file requirements/run.txt pyproject.toml requirements/build.in
	@$(COMPILE) --extra dev --output-file requirements/dev.txt pyproject.toml requirements/build.in
	@$(COMPILE) --constraint requirements/run.txt --extra s3 --extra traces --output-file requirements/serve.txt pyproject.toml
	@$(COMPILE) --constraint requirements/run.txt --output-file requirements/build.txt requirements/build.in
	@$(COMPILE) --constraint requirements/dev.txt --output-file requirements/manifests.txt requirements/manifests.in

generate: generate-server generate-client generate-typescript  ## make all code that comes from openapi/data-storage-v1.yaml

generate-server: $(VENV)/.dev
	@$(BIN)/python tools/contract_types.py

generate-client: $(VENV)/.dev
	@$(BIN)/python clients/python/generate.py

generate-typescript:
	@if command -v npm > /dev/null; then cd clients/typescript && npm ci --silent && npm run --silent generate > /dev/null; \
		else echo "make: npm is not here, clients/typescript stays as it is" >&2; fi

clean:  ## remove the virtual environment and caches; data directories stay
	@rm -rf $(VENV) .tox .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis src/*.egg-info build dist
