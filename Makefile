# operator-push: set-up, demo, tests. Everything is installed into .venv; nothing outside this folder changes.
# Wheels only and every version from constraints.txt, the build backend included.

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help
.PHONY: help demo test check bench bench-peers soak clean install

PYTHON ?= python3
SOAK_ROUNDS ?= 30
# Two workers more than cores: tests that start programs wait as much as they work.
TEST_JOBS ?= $(shell echo $$(( $$(nproc 2>/dev/null || echo 2) + 2 )))
# The codec is compiled where a C compiler and Python.h are; without them everything runs, more slowly.
INSTALLED_FROM := pyproject.toml constraints.txt operator_push/smpp/compiled_codec.pyx
JASMIN := 0.11.0
# A program that may not keep byte code compiles a thousand modules at every start: 2 s of CPU each, and the tests
# start some two hundred programs. What is kept lies in this folder and goes with make clean.
unexport PYTHONDONTWRITEBYTECODE
SOAK_FRAMES ?= 1000000
SOAK_MESSAGES ?= 20000
RUN := .venv/bin/python
UV_VERSION := $(shell sed -n 's/^uv==//p' constraints.txt)
WHEELS := --only-binary :all: --no-binary operator-push --constraint constraints.txt

# uv where it is installed or can be had, otherwise (or where it fails) pip. Relative paths throughout, so that
# the folder's own path may contain spaces.
INSTALL := \
	install() { \
		uv=$$(command -v uv || command -v .venv/bin/uv || true); \
		if test -n "$$uv"; then \
			"$$uv" pip install --quiet --python $(RUN) $(WHEELS) "$$@" && return; \
			echo "uv could not install; trying pip"; \
		fi; \
		$(RUN) -m pip install -qq --disable-pip-version-check $(WHEELS) "$$@"; \
	}; \
	install_project() { \
		install hatchling editables; \
		install cython || echo "Cython cannot be had here; the codec stays in Python"; \
		install --no-build-isolation --editable ".[$$1]"; \
		.venv/bin/operator-push smpp compile --if-possible; \
	}

help:
	@echo "operator-push: permissioned, billed push messaging beside an operator's SMSC"
	@echo
	@echo "  make demo    install into .venv, run the whole main job, leave a report in demo-report/"
	@echo "  make test    install the test tools too and run every test"
	@echo "  make check   ruff, mypy, import contracts, tidy tests"
	@echo "  make bench   benchmarks of the parts, then the whole path against its budget"
	@echo "  make bench-peers  Kannel and Jasmin beside us under the same load, and the ratios"
	@echo "  make soak    the simulator with faults; kill -9 of the product SOAK_ROUNDS=$(SOAK_ROUNDS) times;"
	@echo "               SOAK_MESSAGES=$(SOAK_MESSAGES) messages, the ledger against the simulator's truth;"
	@echo "               SOAK_FRAMES=$(SOAK_FRAMES) mutated frames, a storm of 1000 binds"
	@echo "  make install install what make test needs, run nothing"
	@echo "  make clean   remove .venv, reports and caches"
	@echo
	@echo "  PYTHON=python3.12 make demo   chooses the Python (3.11 or newer)"

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; $(PYTHON) is older or missing. Try PYTHON=python3.11 make" >&2; exit 1; }
	@echo "Making .venv"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "python3 -m venv failed; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@command -v uv >/dev/null 2>&1 \
		|| $(RUN) -m pip install -qq --disable-pip-version-check "uv==$(UV_VERSION)" \
		|| echo "uv cannot be had here; pip goes on without it, more slowly"

.venv/.installed-product: $(INSTALLED_FROM) | .venv/bin/python
	@echo "Installing the product into .venv"
	@$(INSTALL); install_project product,ingest,sim
	@touch $@

.venv/.installed-test: $(INSTALLED_FROM) | .venv/bin/python
	@echo "Installing the product and its test tools into .venv"
	@$(INSTALL); install_project product,ingest,collect,sim,test
	@touch $@ .venv/.installed-product

install: .venv/.installed-test

demo: .venv/.installed-product
	@.venv/bin/operator-push demo --out demo-report

# The last line is pytest's own. SMPP_VECTORS and CI reach the tests through the environment. A file's tests stay
# on one worker, for what they share, and files keep their order: those that take long come early.
test: .venv/.installed-test
	@$(RUN) -m pytest --numprocesses=$(TEST_JOBS) --dist=loadfile --no-loadscope-reorder

check: .venv/.installed-test
	@echo "ruff"
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --check --quiet .
	@echo "mypy"
	@.venv/bin/mypy
	@echo "import contracts and tidy tests"
	@$(RUN) -m pytest -q tests/architecture

bench: .venv/.installed-test
	@$(RUN) -m pytest -q benchmarks --benchmark-only --benchmark-columns=min,median,ops,rounds
	@$(RUN) benchmarks/make_bench.py
	@$(RUN) benchmarks/sim_books.py --calm --messages 100000

# Jasmin in an environment of its own: its dependencies are not ours, and it comes without a wheel.
.bench-peers/venv/.installed:
	@echo "Installing Jasmin $(JASMIN) into .bench-peers"
	@$(PYTHON) -m venv .bench-peers/venv \
		&& .bench-peers/venv/bin/python -m pip install -qq --disable-pip-version-check "jasmin==$(JASMIN)" \
		&& touch $@ || echo "Jasmin cannot be had here; the others are measured without it"

bench-peers: .venv/.installed-test .bench-peers/venv/.installed
	@$(RUN) benchmarks/peers_run.py

soak: .venv/.installed-test
	@$(RUN) benchmarks/sim_books.py --messages 200000
	@$(RUN) benchmarks/soak.py --rounds $(SOAK_ROUNDS)
	@$(RUN) benchmarks/money_truth.py --messages $(SOAK_MESSAGES) --kills 4
	@$(RUN) benchmarks/fuzz_frames.py --frames $(SOAK_FRAMES) --out benchmarks/results/fuzz.json
	@$(RUN) benchmarks/bind_storm.py --binds 1000 --out benchmarks/results/bind_storm.json

clean:
	@rm -rf .venv .bench-peers demo-report soak-report build dist *.egg-info \
		operator_push/smpp/*.so .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Clean"
