# Builds, checks and measures logly. Needs Python 3.9 or later and cargo; everything else goes into .venv.

PYTHON ?= python3
VERSIONS ?= 3.9 3.10 3.11 3.12 3.13 3.14 3.15 3.13t
# Those that Debian sid has, and those that it has sources of only.
UNPACKED ?= 3.14 3.15
BUILT ?= 3.13t

export CARGO_BUILD_JOBS ?= 2
export CARGO_TARGET_DIR ?= $(CURDIR)/target
export PIP_DISABLE_PIP_VERSION_CHECK = 1

# Relative, as make takes a path with a space for two; where a program needs the whole path, it is quoted.
VENV := .venv
BIN := $(VENV)/bin
BENCH := benchmarks/.venv

# Folders too, so that a file that is added or removed counts as a change.
RUST := $(shell find src -type d -o -name '*.rs') build.rs Cargo.toml Cargo.lock pyproject.toml python/logly/_logly.pyi
PACKAGE := $(shell find python/logly -name '*.py' -o -name '*.pyi' -o -name py.typed) README.md LICENSE
# Many tests wait for something: more of them than there are processors run at a time.
PYTEST := -m pytest --numprocesses 4 --dist worksteal
WITH_TOOLS := PATH="$(CURDIR)/$(BIN):$$PATH"
CARGO_PYTHON := PYO3_PYTHON="$(CURDIR)/$(BIN)/python" cargo

.DEFAULT_GOAL := help
.SHELLFLAGS := -eu -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

.PHONY: help
help: ## show this
	@awk -F ': .*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: build ## show what logly does, and what a call costs here
	@$(BIN)/python examples/demo.py

.PHONY: build
build: $(VENV)/.released ## build for release into .venv

.PHONY: develop
develop: $(VENV)/.developed ## build for development into .venv: quicker to build, slower to run, with assertions

.PHONY: test
test: develop $(VENV)/.test-tools ## run the tests of the core and of the package
	cargo test --locked --quiet
	$(BIN)/python $(PYTEST)

.PHONY: interop
interop: develop $(VENV)/.test-tools $(VENV)/.interop-tools ## send records over collectors, brokers and daemons of other projects
	$(BIN)/python -m tests.interop.servers.debian
	$(BIN)/python -m pytest tests/interop

.PHONY: torture
torture: develop $(VENV)/.test-tools ## kill a thousand programs that log, and look for what is lost or doubled
	$(BIN)/python -m tests.faults.crash.torture

.PHONY: stress
stress: develop $(VENV)/.test-tools ## log from eight threads, ten times, then change and fork everything for a minute
	$(BIN)/python -m tests.faults.support.many_threads

.PHONY: test-all
test-all: ## build a wheel for each CPython from 3.9 to 3.15 and 3.13t found here, and run the tests with it
	-@$(MAKE) pythons
	@found=0; for version in $(VERSIONS); do \
	  python=$$(.ci/find-python $$version) || { echo "CPython $$version: not found"; continue; }; \
	  echo "CPython $$version: $$python"; found=1; \
	  $(MAKE) test-version VERSION=$$version PYTHON="$$python"; \
	done; test $$found = 1

.PHONY: pythons
pythons: $(VENV)/.pythons-tools ## unpack CPython 3.14 and 3.15, and build 3.13t, from Debian into target/pythons, if none are here
	@missing=0; for version in $(UNPACKED) $(BUILT); do \
	  .ci/find-python $$version >/dev/null || $(WITH_TOOLS) .ci/make-python $$version || missing=1; \
	done; test $$missing = 0

# One version of test-all. All share one target folder; what depends on the version is built anew for each.
.PHONY: test-version
test-version: $(VENV)/.build-tools $(VENV)/.pythons-tools
	test -x .venvs/$(VERSION)/bin/python || "$(PYTHON)" -m venv .venvs/$(VERSION)
	rm -rf .venvs/$(VERSION)/wheel
	.venvs/$(VERSION)/bin/python -m pip install --quiet -r $(if $(filter %t,$(VERSION)),requirements-free-threaded.txt,requirements-test.txt)
	$(WITH_TOOLS) .ci/adopt-loader .venvs/$(VERSION)
	$(if $(filter %t,$(VERSION)),UNSAFE_PYO3_SKIP_VERSION_CHECK=1) $(BIN)/maturin build --release --locked --quiet \
	  --interpreter "$(CURDIR)/.venvs/$(VERSION)/bin/python" --out .venvs/$(VERSION)/wheel
	.venvs/$(VERSION)/bin/python -m pip install --quiet --force-reinstall --no-deps .venvs/$(VERSION)/wheel/*.whl
	.venvs/$(VERSION)/bin/python $(PYTEST)

.PHONY: lint
lint: $(VENV)/.lint-tools ## check the form of all code
	cargo fmt --check
	cargo clippy --locked --quiet --all-targets -- -D warnings
	$(CARGO_PYTHON) clippy --locked --quiet --all-targets --features python -- -D warnings
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: types
types: develop $(VENV)/.lint-tools $(VENV)/.test-tools ## check the types of the package, of its stub, and of programs that use it
	$(BIN)/python -m mypy.stubtest --allowlist tests/typing/stubtest.txt logly
	$(BIN)/python -m mypy --strict python/logly tests/typing
	PYTHONPATH=python $(BIN)/basedpyright --pythonpath $(BIN)/python
	PYTHONPATH=python $(BIN)/basedpyright --pythonpath $(BIN)/python --verifytypes logly --ignoreexternal

.PHONY: check
check: lint types test loom interop demo ## all of it: what a change must pass

.PHONY: wine
wine: $(VENV)/.test-tools $(VENV)/.pythons-tools ## run programs that log under wine, with a CPython for Windows, fetched into target/wine
	$(WITH_TOOLS) .ci/make-wine
	$(BIN)/python -m pytest tests/wine

.PHONY: check-targets
check-targets: ## check the code for macOS, arm64, musl and Windows, for which nothing is built here
	.ci/check-targets

.PHONY: fuzz
fuzz: ## fuzz the core for SECONDS a target, 60 by default, with a nightly compiler
	fuzz/run $(or $(SECONDS),60) $(TARGETS)

.PHONY: loom
loom: ## run the models of threads in every order
	RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR="$(CARGO_TARGET_DIR)/loom" cargo test --locked --quiet --manifest-path models/Cargo.toml

# miri knows neither mappings nor most calls of the system that these modules make. Values that a process inherited are
# never freed, on purpose, so leaks are not looked for.
.PHONY: memcheck
memcheck: ## run the tests of the core's unsafe modules under valgrind
	program=$$(cargo test --locked --lib --no-run --message-format=json 2>/dev/null | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1); \
	PROPTEST_CASES=8 valgrind --quiet --error-exitcode=1 --leak-check=no "$$program" \
	  --test-threads 1 queue:: process:: sys:: crash:: --skip fuzzing

# The standard library is built anew, for the same checks. Without a GIL, producers are several threads.
.PHONY: tsan
tsan: ## run the tests of the core's threads under ThreadSanitizer
	sources=$$(.ci/rust-src); host=$$(rustc -vV | sed -n 's/^host: //p'); \
	RUSTC_BOOTSTRAP=1 __CARGO_TESTS_ONLY_SRC_ROOT="$$sources" CARGO_TARGET_DIR="$(CARGO_TARGET_DIR)/tsan" PROPTEST_CASES=8 \
	  RUSTFLAGS="-Zsanitizer=thread --cfg Py_GIL_DISABLED" \
	  cargo test --locked --quiet -Z build-std --target "$$host" --lib -- --skip fuzzing

.PHONY: bench
bench: $(BENCH)/.built ## compare with other libraries, up to twenty minutes
	$(BENCH)/bin/python -m benchmarks.compare
	$(BENCH)/bin/python -m benchmarks.services
	$(BENCH)/bin/python -m benchmarks.hot_path

.PHONY: bench-quick
bench-quick: $(BENCH)/.built ## the same with fewer repetitions, about four minutes
	$(BENCH)/bin/python -m benchmarks.compare --quick
	$(BENCH)/bin/python -m benchmarks.services --quick
	$(BENCH)/bin/python -m benchmarks.hot_path

.PHONY: wheel
wheel: $(VENV)/.build-tools ## build a wheel into dist/
	$(BIN)/maturin build --release --locked --interpreter "$(CURDIR)/$(BIN)/python" --out dist

# Those that KINDS names, such as manylinux-arm64-3.12, or all. Interpreters that cannot be had are left out of the trials.
.PHONY: wheels
wheels: $(VENV)/.build-tools $(VENV)/.wheels-tools $(VENV)/.pythons-tools ## build, check and try the wheels of all platforms, into dist/wheels; takes hours
	-@$(MAKE) pythons
	-@for version in $(UNPACKED); do .ci/make-python $$version arm64; done
	$(BIN)/python -m wheels $(KINDS)

.PHONY: format
format: $(VENV)/.lint-tools ## put all code into form
	cargo fmt
	$(BIN)/ruff check --fix --quiet
	$(BIN)/ruff format --quiet

.PHONY: clean
clean: ## remove everything that was made
	rm -rf target dist .venv .venvs $(BENCH) benchmarks/results
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis python/logly/*.so
	find python tests benchmarks examples -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/.python:
	test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	touch $@

$(VENV)/.%-tools: requirements-%.txt $(VENV)/.python
	$(BIN)/python -m pip install --quiet -r $<
	touch $@

# The package's Python files are used where they stand; only Rust has to be built. Both builds make the same file, so
# each removes the other's mark.
$(VENV)/.released: PROFILE = --release
$(VENV)/.released $(VENV)/.developed: $(VENV)/.build-tools $(RUST)
	rm -f $(VENV)/.released $(VENV)/.developed
	VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/maturin develop $(PROFILE) --locked --quiet
	touch $@

$(BENCH)/.built: $(VENV)/.build-tools benchmarks/requirements.txt $(RUST) $(PACKAGE)
	test -x $(BENCH)/bin/python || $(BIN)/python -m venv $(BENCH)
	rm -rf $(BENCH)/wheel
	$(BIN)/maturin build --release --locked --quiet --interpreter "$(CURDIR)/$(BIN)/python" --out $(BENCH)/wheel
	$(BENCH)/bin/python -m pip install --quiet -r benchmarks/requirements.txt
	$(BENCH)/bin/python -m pip install --quiet --force-reinstall --no-deps $(BENCH)/wheel/*.whl
	touch $@
