# `make` lists the commands. A new machine needs only Python 3.11 or newer and make; everything goes into .venv.

VENV := .venv
BIN := $(VENV)/bin
DEMO := $(VENV)/.installed-demo
DEV := $(VENV)/.installed-dev
# without bytecode, which is written when a module is first used: 65 MB less, most of it never used
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
INSTALL := install --quiet --no-compile

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench docs lock clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(DEMO)  ## check a year of flights; writes report.html and metrics.parquet here
	@$(BIN)/watchkeeper demo; status=$$?; test $$status -le 1  # 1: something alarms, as it should here

test: lint  ## lint, then run every test
	$(BIN)/python -m pytest -n auto --dist loadscope  # a module to a process: its fixtures are made once

lint: $(DEV)  ## ruff, mypy, the import contracts, and whether generated pages are current
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python docs/generate.py --check

bench: $(DEV)  ## measure speed and size
	$(BIN)/python -m benchmarks

docs: $(DEV)  ## write the pages that derive from the code
	$(BIN)/python docs/generate.py

lock: $(DEV)  ## resolve the dependencies anew into requirements/
	sh requirements/lock.sh $(BIN)/uv

clean:  ## remove what make and the demo have built
	rm -rf $(VENV) build dist demo report.html metrics.parquet src/*.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@for python in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    echo "building $(VENV) with $$($$python --version)"; \
	    exec $$python -m venv $(VENV); \
	  fi; \
	done; \
	echo "Watchkeeper needs Python 3.11 or newer with its venv module, and found none on the PATH." >&2; \
	echo "Install it (Debian, Ubuntu: python3 and python3-venv; others: python.org), then call make again." >&2; \
	exit 1

$(DEMO): requirements/demo.txt pyproject.toml | $(BIN)/python
	@echo "installing Watchkeeper and what its demo needs into $(VENV)"
	@$(PIP) $(INSTALL) --require-hashes --requirement requirements/demo.txt
	@$(PIP) $(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements/dev.txt pyproject.toml | $(BIN)/python
	@echo "installing Watchkeeper and what its tests need into $(VENV)"
	@$(PIP) $(INSTALL) --require-hashes --requirement requirements/dev.txt
	@$(PIP) $(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@
