# make demo: from nothing to a report. make test: the tests. make check: all that CI asks for.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
RUN    := $(VENV)/.installed
DEV    := $(VENV)/.installed-dev

.PHONY: help demo test live lint types rules package bench torture soak check clean

help:
	@echo "demo     install into .venv, read the sample logs, print the report"
	@echo "test     run the tests (those of tests/live skip where there is no mail server)"
	@echo "live     run the tests against real mail servers; a skip is a failure"
	@echo "lint     ruff and the import contracts"
	@echo "types    mypy --strict"
	@echo "rules    the examples of rules.yaml, and what can never act in it"
	@echo "package  sdist, a wheel from it, and the demo in a clean environment"
	@echo "bench    a million lines against pflogsumm, eximstats and plain DuckDB (LINES=N for another size), messages against flufl.bounce, distinct replies a second"
	@echo "torture  1,000 kill -9 of tail while a log is written and rotated (KILLS=N COMMITS=N ROTATIONS=N for fewer)"
	@echo "soak     tail for ten million lines: memory, idle CPU, seconds to a suppression (SOAK_LINES=N for fewer)"
	@echo "check    lint, types, rules, package, live, test"
	@echo "clean    remove .venv, build/ and dist/"

demo: $(RUN)
	$(BIN)/logbounce demo

test: $(DEV)
	$(BIN)/python -m pytest --numprocesses auto --dist loadgroup

live: $(DEV)
	LOGBOUNCE_REQUIRE_LIVE=1 $(BIN)/python -m pytest -m live

lint: $(DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: $(DEV)
	$(BIN)/mypy

rules: $(DEV)
	$(BIN)/logbounce rules test
	$(BIN)/logbounce rules lint

# The wheel is built from the sdist, so that what a distributor unpacks is what is tried here.
package: $(DEV)
	rm -rf dist build/package
	$(BIN)/python -m build --outdir dist . >/dev/null
	$(PYTHON) -m venv build/package
	build/package/bin/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt dist/*.whl
	cd build/package && bin/logbounce demo

LINES ?= 1000000
bench: $(DEV)
	$(BIN)/python -m tests.bench.run --lines $(LINES)

KILLS     ?= 1000
COMMITS   ?= 10000
ROTATIONS ?= 200
torture: $(DEV)
	$(BIN)/python -m tests.faults.torture --kills $(KILLS) --commits $(COMMITS) --rotations $(ROTATIONS)

SOAK_LINES ?= 10000000
soak: $(DEV)
	$(BIN)/python -m tests.faults.soak --lines $(SOAK_LINES)

check: lint types rules package live test

clean:
	rm -rf $(VENV) build dist

# Installed again only when what is asked for has changed.
$(RUN): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	@touch $@

$(DEV): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[dev]'
	@touch $(RUN) $@
