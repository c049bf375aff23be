# Each target sets up what it needs, inside this folder, and then does its work. `make help` lists them.

PYTHON ?= python3
HYPOTHESIS_PROFILE ?= ci
TESTS ?= tests
# Of `make run`: how many deals the invented company has, and where it is served.
DEALS ?= 12000
PORT ?= 8000
DEMO = penstock-demo

# A uv of the machine if there is one, or else one of our own in .tools.
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .tools/bin/uv)
LOCK = requirements.lock
READY = .venv/.ready

export UV_PYTHON_DOWNLOADS = never
export HYPOTHESIS_PROFILE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run sample test check bench docs lock format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make the environment in .venv, exactly as locked

run: export PENSTOCK_DATA = $(DEMO)
run: $(READY) ## serve Penstock with an invented company in it (made the first time, in about two minutes)
	@test -e "$(DEMO)/complete" || { rm -rf "$(DEMO)" && .venv/bin/penstock init && .venv/bin/penstock demo --deals $(DEALS) && touch "$(DEMO)/complete"; }
	@.venv/bin/penstock migrate
	@.venv/bin/penstock serve --port $(PORT) --with-worker

sample: $(READY) ## make the invented company's history as a file, print its waterfall and what is wrong with its data
	@.venv/bin/penstock sample

test: check ## every check and every test, on SQLite and on PostgreSQL
	@.venv/bin/python -m pytest -n 2 --dist loadgroup $(TESTS)
	@.venv/bin/python -m tests.on_postgres -n 2 --dist loadgroup

check: $(READY) ## style, types and who imports whom, without the tests
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

bench: $(READY) ## measure the engine against its peers
	@.venv/bin/python -m benchmarks.run

docs: $(READY) ## write the generated pages of docs/reference anew
	@.venv/bin/python docs/build_reference.py

lock: $(UV) ## choose the newest versions that pyproject.toml allows and write them, with hashes, to requirements.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command 'make lock' --group dev --extra sqlite --extra postgres --extra spark pyproject.toml -o $(LOCK)

format: $(READY) ## lay the code out and mend what ruff can mend
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

clean: ## remove everything that was set up or cached
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml $(LOCK) | $(UV)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Penstock needs Python 3.11 or newer; name one: make PYTHON=python3.12 ...")'
	@.venv/bin/python -c '' 2>/dev/null || { rm -rf .venv; $(UV) venv --quiet --python "$(PYTHON)" .venv; }
	$(UV) pip sync --quiet --python .venv/bin/python --require-hashes $(LOCK)
	$(UV) pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

# Some systems ship python3 without ensurepip, so that it makes no environments; pip alone can then bring uv.
.tools/bin/uv:
	@rm -rf .tools
	$(PYTHON) -m venv .tools && .tools/bin/pip install --quiet uv || { rm -rf .tools; $(PYTHON) -m pip install --quiet --target .tools uv; }
