# Everything a person or CI does with a checkout. `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo test check js bench tour clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/installed ## open the dashboard on the built-in demo (no download, no torch)
	$(BIN)/sfvisuals demo

test: check js ## all checks and all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(VENV)/installed-dev ## form, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

js: ## the JavaScript tests, where Node.js is installed
	@if command -v node >/dev/null; then node --test tests/js/*.test.mjs; \
	elif [ -n "$$CI" ]; then echo "Node.js is missing: the JavaScript tests cannot run" >&2; exit 1; \
	else echo "skipped: Node.js is not installed, so the JavaScript tests did not run"; fi

bench: $(VENV)/installed-dev ## measure what docs/performance.md states
	$(BIN)/python -m benchmarks

tour: $(VENV)/installed-dev ## take the pictures of docs/tour.md anew
	$(BIN)/python docs/tour/pictures.py

clean: ## remove what was built, the virtual environment included
	rm -rf $(VENV) dist build artifacts .pytest_cache .mypy_cache .ruff_cache .hypothesis

# An editable install follows the sources, so only these two files can make it out of date.
$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing into $(VENV)"
	@$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing into $(VENV)"
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/installed

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
