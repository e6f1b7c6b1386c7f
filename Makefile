# Every target sets up what it needs into .venv; `make` alone lists the targets.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
LOCK_FLAGS := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow bench bench-oversell lint fix docs lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Fillrate needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Setting up .venv (about a minute the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock -c requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(READY) ## create .venv with everything the project needs

demo: $(READY) ## run everything once against a practice shop and say what happened
	@$(BIN)/fillrate demo

test: $(READY) ## the tests (a few minutes)
	@$(BIN)/python -m pytest -n 2 --dist loadfile

test-slow: $(READY) ## the long proofs: wider simulation, large stores
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m slow

bench: $(READY) ## measure a sync beside its floor and beside dlt, and what else is promised (about half an hour)
	@$(BIN)/python -m bench

bench-oversell: $(READY) ## measure what is oversold and withheld, by buffers of several kinds (about twenty minutes)
	@$(BIN)/python -m bench oversell shops --runs 5

lint: $(READY) ## check style, types and the direction of imports; changes nothing
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fix: $(READY) ## mend what can be mended by a tool
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(READY) ## write the parts of docs/ that are generated from code
	@$(BIN)/python -m fillrate.report.diagram > docs/states.md

lock: $(READY) ## resolve the versions anew (needs uv)
	@uv pip compile $(LOCK_FLAGS) pyproject.toml -o requirements.lock
	@uv pip compile $(LOCK_FLAGS) -c requirements.lock pyproject.toml --group dev -o requirements-dev.lock

clean: ## remove .venv and caches
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
