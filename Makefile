# `make bundle` and `make test` do all their set-up on a machine that has git, make and Python >= 3.11 with venv.
# SOURCE and RELEASE choose what the Kata bundle is checked against; TOOLS adds a folder with scanners.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SCANNERS := .venv-scanners
OUT := build/collateral
CACHE := build/cache
SOURCE ?=
RELEASE ?=
CONFIG ?=
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --require-hashes

.PHONY: bundle test check lint types contracts unit golden pictures bench verapdf clean setup

bundle: setup
	@status=0; \
	$(BIN)/threatmodel build models/self -o $(OUT) --cache $(CACHE) --tools $(SCANNERS)/bin || status=$$?; \
	case $$status in 0|3) ;; *) exit $$status ;; esac; \
	kata=0; \
	$(BIN)/threatmodel build models/kata -o $(OUT) --cache $(CACHE) --tools $(SCANNERS)/bin \
	  $(if $(SOURCE),--source '$(SOURCE)') $(if $(RELEASE),--release '$(RELEASE)') $(if $(CONFIG),--config '$(CONFIG)') || kata=$$?; \
	case $$kata in 0|3) ;; *) exit $$kata ;; esac; \
	for code in $$status $$kata; do \
	  if [ $$code = 3 ]; then echo "make bundle: exit 3, something that was asked for was not done; the bundle names it" >&2; fi; \
	done

test: setup-dev lint types contracts
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: setup-dev lint types contracts unit

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup-dev
	$(BIN)/mypy

contracts: setup-dev
	@$(BIN)/lint-imports > build/contracts.txt || { cat build/contracts.txt; exit 1; }

unit: setup-dev
	$(BIN)/python -m pytest -n 2 -m "not tools and not bundle and not slow"

golden: setup-dev
	$(BIN)/python -m tests.regenerate

pictures: setup-dev
	$(BIN)/python -m tests.pictures

bench: setup-dev
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench_pytm
	$(BIN)/python -m tests.bench_whole

# The official validator of PDF/A and PDF/UA, for tests; needs Maven here and Java to run it.
verapdf: build/verapdf/verapdf.jar

build/verapdf/verapdf.jar: requirements/verapdf/pom.xml requirements/verapdf/SHA256SUMS
	@mvn --quiet --batch-mode --file requirements/verapdf/pom.xml dependency:copy
	@cd $(@D) && sha256sum --check --quiet ../../requirements/verapdf/SHA256SUMS || { rm -f $(@F); exit 1; }
	@touch $@

clean:
	rm -rf build $(VENV) $(SCANNERS)

setup: build/.setup build/.setup-scanners
setup-dev: setup build/.setup-dev
.PHONY: setup-dev

build/.setup: requirements/build.txt requirements/run.txt pyproject.toml
	@mkdir -p build
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) -r requirements/build.txt
	@$(PIP) -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index --disable-pip-version-check -e .
	@$(BIN)/python -m compileall -q threatmodel scanners/*.py scanners/adapters scanners/dependencies scanners/run collateral
	@touch $@

build/.setup-dev: build/.setup requirements/dev.txt
	@$(PIP) -r requirements/dev.txt
	@touch $@

# The scanners have an environment of their own: their dependencies never reach the toolkit.
build/.setup-scanners: requirements/scanners.txt
	@mkdir -p build
	@test -x $(SCANNERS)/bin/python || $(PYTHON) -m venv $(SCANNERS)
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(SCANNERS)/bin/python -m pip install --quiet --require-hashes -r requirements/scanners.txt
	@touch $@
