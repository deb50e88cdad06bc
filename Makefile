# make run     the window; ARGS="--data DIR" passes arguments on
# make test    the whole test suite, offscreen, in a process a core, and every line of the engine must be reached by its
#              own tests; ARGS="-k name" passes arguments on, and then no lines are counted
# make lint    ruff and mypy
# make screenshots  pictures of the window in every state, in ./screenshots
# make pictures  the pictures of the README anew, in packaging/pictures
# make bench   benchmarks, one JSON object a line
# make accuracy  what the presets reach on the test digits; takes some minutes
# make diagnosis  which fault is named how, over all faults; takes some minutes
# make stress  mutated inputs, killed processes, hostile environments, long random use; takes an hour
# make bundle  a folder that runs without Python, in dist/mnist-gui
# make clean   remove what was built; distclean: the virtual environment too
#
# Each sets up what it needs the first time: system libraries, the virtual environment, packages.
# The stamps in .venv remember that it was done. It is all done anew where the interpreter of .venv is gone or became
# another, or where another one is named, as in make PYTHON=python3.13 test.

VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/stamps
ARGS   ?=

# The first interpreter that is new enough; looked for only when something is set up.
IS_NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c '$(IS_NEW_ENOUGH)' 2>/dev/null && echo $$python && break; done)

# Which interpreter .venv was made for, which one it has, and which one it should have.
WHICH    := import sys; print(sys.implementation.name, sys.version.split()[0] + sys.abiflags)
MADE_FOR := $(shell cat $(STAMPS)/venv 2>/dev/null)
HAS      := $(shell $(BIN)/python -c '$(WHICH)' 2>/dev/null)
NAMED    := $(filter-out file,$(origin PYTHON))
WANTED   := $(if $(NAMED),$(shell $(PYTHON) -c '$(WHICH)' 2>/dev/null),$(HAS))

COVERAGE  := --cov=mnist_gui/engine --cov-report=term-missing:skip-covered --cov-fail-under=100
# Modules are compiled when they are first imported, not when they are installed, which takes half as long again for
# thousands that nobody imports. They are kept, whatever the environment says: tests start the program some fifty times.
COMPILED  := PYTHONDONTWRITEBYTECODE=
OFFSCREEN := QT_QPA_PLATFORM=offscreen OPENBLAS_NUM_THREADS=1
PIP       := $(BIN)/python -m pip --disable-pip-version-check install --no-compile
SYSTEM    := packaging/check_system.py packaging/system-dependencies.txt

.PHONY: run test lint screenshots pictures bench accuracy diagnosis stress bundle clean distclean
ifneq ($(MADE_FOR) $(MADE_FOR),$(HAS) $(WANTED))
.PHONY: $(STAMPS)/venv
endif
.NOTPARALLEL:
.DELETE_ON_ERROR:

run: $(STAMPS)/window $(STAMPS)/run
	@$(COMPILED) $(BIN)/python -m mnist_gui $(ARGS)

test: $(STAMPS)/display $(STAMPS)/dev
	@$(COMPILED) $(OFFSCREEN) $(BIN)/python -m pytest --numprocesses auto --dist worksteal $(or $(ARGS),$(COVERAGE))

lint: $(STAMPS)/dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

screenshots: $(STAMPS)/display $(STAMPS)/dev
	@SCREENSHOTS=screenshots $(OFFSCREEN) $(BIN)/python -m pytest tests/ui/test_screenshots.py $(ARGS)

pictures: $(STAMPS)/display $(STAMPS)/dev
	@$(OFFSCREEN) $(BIN)/python -m tests.ui.pictures

bench: $(STAMPS)/window $(STAMPS)/bench
	@$(OFFSCREEN) $(BIN)/python -m tests.benchmarks $(ARGS)

accuracy: $(STAMPS)/window $(STAMPS)/bench
	@$(OFFSCREEN) $(BIN)/python -m tests.benchmarks accuracy anchors

diagnosis: $(STAMPS)/dev
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.diagnosis_table $(ARGS)

stress: $(STAMPS)/display $(STAMPS)/dev
	@$(OFFSCREEN) $(BIN)/python -m tests.stress $(ARGS)

# PyInstaller collects Qt's system libraries from this machine, so they must be there first.
bundle: $(STAMPS)/window $(STAMPS)/bundle
	@$(BIN)/pyinstaller --noconfirm --log-level WARN --workpath build --distpath dist packaging/mnist-gui.spec
	@packaging/smoke_test.sh dist/mnist-gui

clean:
	rm -rf build dist screenshots .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find mnist_gui tests packaging -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)

# Qt's libraries for the window, and a virtual X server for the tests.
$(STAMPS)/window: $(SYSTEM) | $(STAMPS)
	@$(PYTHON) packaging/check_system.py venv offscreen x11
	@touch $@

$(STAMPS)/display: $(SYSTEM) | $(STAMPS)
	@$(PYTHON) packaging/check_system.py venv offscreen x11 test
	@touch $@

$(STAMPS):
	@$(or $(PYTHON),false) -c '$(IS_NEW_ENOUGH)' || { echo "Python 3.11 or newer is needed. If you have it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@mkdir -p $@

$(STAMPS)/venv: | $(STAMPS)
	@$(PYTHON) -c '$(IS_NEW_ENOUGH)' || { echo "$(PYTHON) is no Python 3.11 or newer, which is needed" >&2; exit 1; }
	@$(PYTHON) packaging/check_system.py venv
	$(PYTHON) -m venv --clear $(VENV)
	@mkdir -p $(STAMPS)
	@$(BIN)/python -c '$(WHICH)' > $@

$(STAMPS)/run: $(STAMPS)/venv pyproject.toml
	$(PIP) --editable .
	@touch $@

$(STAMPS)/dev: $(STAMPS)/venv pyproject.toml
	$(PIP) --editable '.[test,dev]'
	@touch $@

$(STAMPS)/bench: $(STAMPS)/venv pyproject.toml
	$(PIP) --editable '.[bench]'
	@touch $@

$(STAMPS)/bundle: $(STAMPS)/venv pyproject.toml $(SYSTEM)
	@$(PYTHON) packaging/check_system.py bundle
	$(PIP) --editable '.[bundle]'
	@touch $@
