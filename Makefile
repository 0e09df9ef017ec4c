# What one types to work with Aman. A machine needs Python 3.11 or newer, pip and make, nothing else;
# the network is used once, to fill .venv from the lock files (every file checked against its hash).

PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
BIN := .venv/bin
AT_ONCE = -n 4 --dist worksteal # two on each of two cores: a test waits about as long as it works
# Where memory can be written to like a disk, the tests write there: flushing waits for nothing. The
# long suites always use a real disk, and so does whatever is about one.
IN_MEMORY = $(shell test -w /dev/shm && df -Pm /dev/shm 2>/dev/null | \
	awk 'NR == 2 && $$4 >= 2000 { print "PYTEST_DEBUG_TEMPROOT=/dev/shm" }') # of 2,000 MB free
PIP = $(PYTHON) -m pip --python $(BIN)/python

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
unexport PYTHONDONTWRITEBYTECODE # what was compiled is compiled once: programs start by the hundred

.PHONY: help rehearse test check torture bench docs lock clean
.DELETE_ON_ERROR:

help:
	@echo "make rehearse   play a whole evening, without Telegram and without a token"
	@echo "make test       run the test suite"
	@echo "make check      lint, types, architecture"
	@echo "make torture    the long fault suites (TORTURE=--part=0: one of the five parts of the longest)"
	@echo "make bench      benchmarks, with ratios"
	@echo "make docs       write commands, retention and record schema in docs/ anew from the code"
	@echo "make lock       resolve the lock files anew (needs the network)"
	@echo "make clean      remove .venv and caches"

rehearse: .venv/aman
	@$(BIN)/aman rehearse

test: .venv/tested
	@$(IN_MEMORY) $(BIN)/python -m pytest -q $(AT_ONCE) -m "not torture" --session-timeout=1500

check: .venv/tested
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

torture: .venv/tested
	@$(BIN)/python -m pytest -q $(AT_ONCE) -m torture --timeout=1800 --session-timeout=3600 $(TORTURE)

bench: .venv/tested
	@$(BIN)/python -m tests.bench

docs: .venv/aman
	@$(BIN)/python -m bot.commandlist > docs/commands.md
	@$(BIN)/python -m bot.lifelist > docs/retention.md
	@$(BIN)/python -m bot.schemafile > docs/record-schema.json

# ---------------------------------------------------------------- the environment
# Three stamps inside .venv: the locked packages, Aman itself, what the tests add. Each is made again
# only when the file it stands for has changed, so everything above works without a network.

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Aman needs Python 3.11 or newer; none was found." >&2; exit 2; }
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { echo "Aman needs pip for $(PYTHON)." >&2; exit 2; }
	@echo "making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --without-pip .venv

.venv/locked: requirements.lock | .venv/bin/python
	@echo "installing the locked packages (hashes checked)"
	@$(PIP) install --quiet --require-hashes --no-deps -r requirements.lock
	@touch $@

.venv/aman: .venv/locked pyproject.toml
	@$(PIP) install --quiet --no-index --no-build-isolation --no-deps --editable .
	@touch $@

.venv/tested: requirements-test.lock .venv/aman
	@echo "installing what the tests need (hashes checked)"
	@$(PIP) install --quiet --require-hashes --no-deps -r requirements-test.lock
	@touch $@

# ---------------------------------------------------------------- upkeep

LOCK = .venv-lock/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

.venv-lock/bin/pip-compile:
	@$(PYTHON) -m venv --without-pip .venv-lock
	@$(PYTHON) -m pip --python .venv-lock/bin/python install --quiet pip pip-tools==7.6.2

lock: .venv-lock/bin/pip-compile
	@$(LOCK) --all-build-deps --output-file requirements.lock pyproject.toml
	@$(LOCK) --extra test --all-build-deps --output-file requirements-test.lock pyproject.toml

clean:
	@rm -rf .venv .venv-lock build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache
