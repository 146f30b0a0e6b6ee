# Makegood: everything a person types. `make demo` is the place to begin.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
UV ?= uv

# A stamp per lock file: the environment is made again only when the lock changes.
RUNTIME = $(VENV)/.runtime
DEV = $(VENV)/.dev
CLIENTS = .clients/.installed
AUDIT = .audit/.installed

PYTEST = $(BIN)/python -m pytest
PYTEST_ARGS ?=
# Kinds of test that have commands of their own.
ALONE = bench and not clients and not audit

# Programs in benchmarks/ that measure (benchmarks.revisions needs to be told which revisions), and what makes each of them brief.
BENCHMARKS = $(filter-out __init__ plain_view postgres revisions scratch servers settings stage,$(notdir $(basename $(wildcard benchmarks/*.py))))
SHORT_matching = --sizes 100000 --totals 10000,100000 --rounds 3
SHORT_choosing = --rounds 3
SHORT_importing = --brief
SHORT_storm = --seconds 2
SHORT_my_page = --totals 1000,50000 --rounds 9
SHORT_exporting = --components 60 --incidents 100 --news 4
SHORT_telling = --people 10000 --mails 300 --memory 2000 --rounds 3

.DEFAULT_GOAL := help
.PHONY: help demo up test test-slow clients audit check lint format messages compile-messages gettext bench bench-full unchanged lock clean

help: ## show these lines
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(RUNTIME) ## run the demonstration: an invented company in the middle of a bad morning
	@$(BIN)/python manage.py up --demo

up: $(RUNTIME) ## run Makegood with your own data
	@$(BIN)/python manage.py up

test: $(DEV) ## run the fast tests, a few minutes
	$(PYTEST) -n auto --dist worksteal -m "not slow and not $(ALONE)" $(PYTEST_ARGS)

test-slow: $(DEV) ## the tests that take longer than three seconds each: browsers, processes that are killed, long histories
	$(PYTEST) -n auto --dist worksteal -m "slow and not $(ALONE)" $(PYTEST_ARGS)

clients: $(DEV) $(CLIENTS) ## the clients that others wrote for Statuspage, unchanged, against our server
	$(PYTEST) -n 0 -m clients tests/clients $(PYTEST_ARGS)

audit: $(DEV) $(AUDIT) ## every page by the W3C's validator, the status and an incident page by Lighthouse
	$(PYTEST) -n 0 -m audit tests/browsing $(PYTEST_ARGS)

lint: $(DEV) ## style, types, templates, migrations, settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING

check: lint ## what CI runs: lint, the suite on SQLite, the database tests and the journeys on PostgreSQL and Redis
	.ci/check "$(MAKE)"

format: $(DEV) ## put code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: $(DEV) gettext ## bring the catalogues in locale/ up to date with the sources; what is translated stays
	$(BIN)/python manage.py makemessages --verbosity 0

compile-messages: $(DEV) gettext ## make what the program reads from the catalogues in locale/
	$(BIN)/python manage.py compilemessages --ignore .venv --verbosity 0

gettext:
	@command -v xgettext >/dev/null && command -v msgfmt >/dev/null || { \
	  echo "The gettext tools are needed; on Debian: apt-get install gettext" >&2; exit 1; }

bench: $(DEV) ## measure, briefly, with a yardstick in the same run
	@$(foreach name,$(BENCHMARKS),$(BIN)/python -m benchmarks.$(name) $(SHORT_$(name)) &&) true
	$(PYTEST) -n 0 -m "bench and not slow" tests $(PYTEST_ARGS)

bench-full: $(DEV) ## measure, at length
	@$(foreach name,$(BENCHMARKS),$(BIN)/python -m benchmarks.$(name) &&) true
	$(PYTEST) -n 0 -m bench tests $(PYTEST_ARGS)

unchanged: $(DEV) ## does this do what an older revision did? make unchanged OLD=main [NEW=branch]
	$(BIN)/python -m tests.unchanged $(or $(OLD),$(error which revision? make unchanged OLD=main)) $(NEW)

lock: ## write the lock files again (needs uv)
	for name in requirements requirements-dev tests/clients/requirements; do \
	  $(UV) pip compile --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 \
	    --upgrade --quiet --output-file $$name.lock $$name.in || exit 1; \
	done

clean: ## remove what was made, but not your data
	rm -rf $(VENV) .clients .audit .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Makegood needs Python 3.11 or newer, and \"$(PYTHON)\" is not." >&2; \
	  echo "Name another one: make PYTHON=/path/to/python3.12 demo" >&2; exit 1; }
	@echo "Making the environment in $(VENV); the first time takes a minute."
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "Python cannot make virtual environments here; on Debian: apt-get install python3-venv" >&2; \
	  rm -rf $(VENV); exit 1; }

$(RUNTIME): requirements.lock | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(DEV): requirements-dev.lock | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $(RUNTIME) $@

$(CLIENTS): tests/clients/requirements.lock tests/clients/package-lock.json
	@command -v npm >/dev/null || { echo "Half of the clients need Node.js and npm; on Debian: apt-get install nodejs npm" >&2; exit 1; }
	@mkdir -p .clients && cp tests/clients/package.json tests/clients/package-lock.json tests/clients/.npmrc .clients/
	@$(PYTHON) -m venv .clients/venv
	@.clients/venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/clients/requirements.lock
	@cd .clients && npm ci --silent
	@touch $@

$(AUDIT): tests/browsing/package-lock.json
	@command -v npm >/dev/null || { echo "The judges need Node.js and npm; on Debian: apt-get install nodejs npm" >&2; exit 1; }
	@mkdir -p .audit && cp tests/browsing/package.json tests/browsing/package-lock.json tests/browsing/.npmrc .audit/
	@cd .audit && npm ci --silent
	@touch $@
