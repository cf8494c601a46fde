# Two commands for a start: `make demo` and `make test`. Needs Python >= 3.11 and make; uv is used
# where it is present. Everything is installed into .venv, from requirements.lock, by hash.

.DEFAULT_GOAL := help
SHELL := /bin/sh

export SIDAN_HOME ?= $(CURDIR)/data/local
export PYTHONUTF8 = 1
export DAGSTER_DISABLE_TELEMETRY = 1
# Every process starts in half the time where Python may keep what it has compiled.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PORT ?= 3000
ORDERS ?= 250000

PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$name" && break; done)

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST)

demo: $(READY) ## close the four sample months and print a summary
	@$(BIN)/sidan demo

test: $(READY) ## run all tests in parallel
	$(BIN)/pytest -n auto --dist worksteal

check: $(READY) ## format, lint, types, definitions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/dg check defs

ui: $(READY) ## the web page on http://127.0.0.1:3000 with the demo's data
	@$(BIN)/sidan demo
	DAGSTER_HOME="$(SIDAN_HOME)/dagster" PATH="$(CURDIR)/$(BIN):$$PATH" \
		$(BIN)/dg dev --host 127.0.0.1 --port $(PORT)

bench: $(READY) ## time closes over ORDERS orders beside the floor (ORDERS=250000), and reading
	$(BIN)/python -m benchmarks.close --orders $(ORDERS)
	$(BIN)/python -m benchmarks.reading

bench-matching: $(READY) ## precision and recall of matching at all levels of noise
	$(BIN)/python -m benchmarks.matching

bench-cash: $(READY) ## money without references: share applied, wrongly applied, time
	$(BIN)/python -m benchmarks.cash

fmt: $(READY) ## format the code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

lock: ## write requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra dev --output-file requirements.lock \
		--universal --python-version 3.11 --generate-hashes --no-strip-extras \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed."; exit 1; }
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python "$(PYTHON)" $(VENV) && \
		uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		"$(PYTHON)" -m venv $(VENV) && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check \
			--require-hashes --requirement requirements.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check \
			--no-deps --no-build-isolation -e .; \
	fi
	@touch $@

.PHONY: help demo test check ui bench bench-matching bench-cash fmt lock
