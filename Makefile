# Every target sets itself up on a fresh Debian machine with python3, make and git.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8080
DATA ?= .demo
LAN ?=
ARGS ?=

LOCK := firmware_config/requirements.lock
CENTRAL_LOCK := firmware_config/requirements-central.lock
DEV_LOCK := firmware_config/requirements-dev.lock
SERVICE := .venv/.ready
CENTRAL := .venv-central/.ready
DEV := .venv-dev/.ready
BIN := .venv-dev/bin

.PHONY: help demo fleet-demo test check fix cover bench soak lock lint browsers radio servers front clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

demo: $(SERVICE) radio $(if $(LAN),front) ## run the demo shop on http://127.0.0.1:8080 (PORT=, DATA=, LAN=1: phones too)
	@exec .venv/bin/edge demo --port $(PORT) --data $(DATA) $(if $(LAN),--lan)

fleet-demo: $(CENTRAL) servers ## central and two shops on this machine: a good model, a bad one, a cut line (ARGS=--keep)
	@exec .venv-central/bin/edge fleet demo $(ARGS)

test: $(SERVICE) $(DEV) browsers lint ## lint, types, layers and every test
	PYTHONHASHSEED=0 $(BIN)/pytest -q -n 2 --dist loadfile

check: $(SERVICE) $(DEV) lint ## the same without browser and broker tests
	$(BIN)/pytest -q -m "not browser and not broker and not soak and not hardware"

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(DEV) ## format, and repair what ruff can
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

cover: $(SERVICE) $(DEV) browsers ## tests with branch coverage
	$(BIN)/coverage run -m pytest -q
	$(BIN)/coverage report

bench: $(SERVICE) $(DEV) ## the table of figures in the README
	$(BIN)/python -m tests.bench

soak: $(SERVICE) $(DEV) browsers ## long chaos runs: 200 kills, broker outage
	$(BIN)/pytest -q -rP -m soak --timeout 3600

lock: ## make the locks again from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header -q -o $(LOCK)
	uv pip compile pyproject.toml --group build --extra central -c $(LOCK) --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o $(CENTRAL_LOCK)
	uv pip compile pyproject.toml --group build --group dev --group train --extra central -c $(LOCK) --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o $(DEV_LOCK)

clean: ## remove environments, caches and the demo's data
	rm -rf .venv .venv-dev .venv-central .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage

# ---- set-up --------------------------------------------------------------------------

$(SERVICE): $(LOCK) pyproject.toml
	@$(MAKE) --no-print-directory environment ENV=.venv FROM=$(LOCK)

$(CENTRAL): $(CENTRAL_LOCK) pyproject.toml
	@$(MAKE) --no-print-directory environment ENV=.venv-central FROM=$(CENTRAL_LOCK)

$(DEV): $(DEV_LOCK) pyproject.toml
	@$(MAKE) --no-print-directory environment ENV=.venv-dev FROM=$(DEV_LOCK)

.PHONY: environment
environment:
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(call debian,python3-venv)
	@echo "setting up $(ENV) from $(FROM) ..."
	@rm -f $(ENV)/.ready && $(PYTHON) -m venv $(ENV)
	@$(ENV)/bin/pip --disable-pip-version-check install -q --require-hashes -r $(FROM)
	@$(ENV)/bin/pip --disable-pip-version-check install -q --no-deps --no-build-isolation -e .
	@touch $(ENV)/.ready

# What the tests drive is Debian's: browser, broker, message bus, and the door for phones.
browsers:
	@command -v chromium >/dev/null && { command -v mosquitto || test -x /usr/sbin/mosquitto; } >/dev/null \
	  && command -v mosquitto_sub >/dev/null && command -v dbus-daemon >/dev/null \
	  && { command -v nginx || test -x /usr/sbin/nginx; } >/dev/null \
	  && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && command -v faketime >/dev/null \
	  || $(call debian,chromium mosquitto mosquitto-clients dbus-daemon nginx-light postgresql faketime)

# The demo plays a customer's beacon where it can; without it, everything else is there.
radio:
	@command -v dbus-daemon >/dev/null || ( $(call debian,dbus-daemon) ) || true

servers:
	@{ command -v mosquitto || test -x /usr/sbin/mosquitto; } >/dev/null \
	  && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || $(call debian,mosquitto postgresql)

front:
	@{ command -v nginx || test -x /usr/sbin/nginx; } >/dev/null || $(call debian,nginx-light)

# $(call debian,packages): install as root or with sudo, else say the one line to run.
debian = { \
  if [ "$$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as=sudo; else \
    echo "please run:  sudo apt-get install -y --no-install-recommends $(1)" >&2; exit 1; fi; \
  $$as apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$as apt-get install -y -qq --no-install-recommends $(1) >/dev/null; }
