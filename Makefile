# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Every target sets up what it needs in .venv, and is quick the second time. `make help` lists them.

# The first Python on PATH that will do; only asked when .venv is made.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>&- && echo $$python && break; done)
PORT ?= 8085
# What the index of `make cloud` takes for a password.
TOKEN := local-index-token
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Programs of the virtual environment start their neighbors by name.
# The AWS CLI comes last: a machine's own is good, too.
export PATH := $(CURDIR)/$(BIN):$(PATH):$(CURDIR)/build/aws/bin
# Compiled code is kept, whatever the environment says: many short processes import all of this collection.
export PYTHONDONTWRITEBYTECODE :=
# Ansible finds the checkout as the collection, and nothing of the user's own settings.
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export ANSIBLE_HOME := $(CURDIR)/build/ansible-home
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/build/collections

# A suite runs whole, or with PART=quick what `make test` runs of it, with PART=rest what that leaves to `make thorough`, with PART=matrix what may
# come out differently elsewhere: properties of our own logic do not.
MARKED_quick := not thorough
MARKED_rest := thorough
MARKED_matrix := not checkout and not hypothesis
MARKED = $(if $(PART),-m "$(MARKED_$(PART))")
SCENARIOS = $(shell $(BIN)/python tests/tools/scenarios.py $(PART))
# How `make matrix` is asked for less. What `make thorough` runs of it is what goes wrong first: the oldest that will do.
ROWS_rest := lowest
CELLS_rest := unit,demo
ROWS ?= $(ROWS_$(PART))
CELLS ?= $(CELLS_$(PART))
ROWS_AND_CELLS = $(if $(ROWS),--rows=$(ROWS)) $(if $(CELLS),--cells=$(CELLS))
# How `make bench` is asked for less, or for more.
BENCH = $(if $(RUNS),--runs=$(RUNS)) $(if $(SIZES),--sizes=$(SIZES)) $(if $(LATENCY),--latency=$(LATENCY)) \
	$(if $(ONLY),--only=$(ONLY)) $(if $(ALTERNATIVES),--alternatives=$(ALTERNATIVES)) $(if $(GROWTH),--growth=$(GROWTH)) \
	$(if $(DATA),--data=$(DATA))

# Tests side by side; each pytest has its processes, and who is done takes over from the others.
SIDE_BY_SIDE := -n 2 --dist worksteal

# Which part of a campaign, and for how long.
CAMPAIGN = $(if $(MINUTES),--minutes=$(MINUTES)) $(if $(SEED),--seed=$(SEED)) $(if $(ONLY),--only=$(ONLY)) \
	$(if $(PROCESSES),--processes=$(PROCESSES)) $(if $(REPRODUCE),--reproduce='$(REPRODUCE)')
# The percentage that `make coverage` must reach.
BAR ?= 95
comma := ,

LINK := build/collections/ansible_collections/pkgops/registry_auth
# Where tools leave logs and caches that they would put into the user's home.
TOOLS_HOME := build/home
# What is installed, newest set last: to run the local cloud, to run playbooks, to judge them.
CLOUD := .venv/installed-cloud
ANSIBLE := .venv/installed-ansible
DEV := .venv/installed-dev
# What tests need that only npm has; where npm is missing or cannot get it, they are skipped and say so.
NPM := build/npm/installed
# The AWS CLI, apart from everything else: it holds libraries to versions that others do not want.
AWS := build/aws/installed

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

.PHONY: demo
demo: $(ANSIBLE) $(AWS) $(LINK) ## the workflow on the local cloud, for Artifact Registry, CodeArtifact and GitHub, in a few minutes
	$(BIN)/python tests/demo/demo.py

.PHONY: cloud
cloud: $(CLOUD) ## the local cloud in the foreground, on PORT (8085), with an index that takes TOKEN
	@exec env PYTHONPATH=roles/local_cloud/files/src $(BIN)/python -m local_cloud serve --port=$(PORT) --upstream-token=$(TOKEN) --guide

.PHONY: test
test: $(DEV) $(NPM) $(LINK) ## what to run before a change is proposed, two stages at a time
	@# The longest first, next to it the others from what fails most often to what is short, so that both ends come together.
	@PART=quick $(BIN)/python tests/tools/stages.py integration unit lint sanity clients molecule demo docs

.PHONY: thorough
thorough: $(DEV) $(NPM) $(LINK) ## the tests that `make test` leaves out because they take long; CI runs both
	@PART=rest $(BIN)/python tests/tools/stages.py integration clients molecule matrix lint

.PHONY: unit
unit: $(DEV) $(LINK) ## pure code, planning tables, properties, architecture
	$(BIN)/python -m pytest $(MARKED) tests/unit

.PHONY: integration
integration: $(DEV) $(NPM) $(AWS) $(LINK) ## modules and examples through Ansible against the local cloud: TESTS=tests/integration/test_targets.py
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(MARKED) $(or $(TESTS),tests/integration)

.PHONY: clients
clients: $(DEV) $(NPM) $(AWS) $(LINK) ## the real gcloud, AWS CLI, pip, uv, twine and npm against the local cloud
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(MARKED) tests/clients

.PHONY: bench
bench: $(DEV) $(LINK) | $(TOOLS_HOME) ## how fast it is, side by side: RUNS=5 SIZES=1,10 LATENCY=0.05 ONLY=fleet,one ALTERNATIVES=no GROWTH=none
	PYTHONPATH=tests/tools:tests/plugins MPLCONFIGDIR=$(CURDIR)/$(TOOLS_HOME) $(BIN)/python tests/bench/bench.py $(BENCH)

.PHONY: campaign
campaign: $(DEV) $(AWS) $(LINK) ## random faults, kills, races, leaks and odd input for MINUTES=60: SEED=1 ONLY=faults,fuzz REPRODUCE=KIND:SEED
	PYTHONPATH=tests:tests/tools $(BIN)/python -m campaign $(CAMPAIGN)

.PHONY: coverage
coverage: $(DEV) $(NPM) $(AWS) $(LINK) ## branches of plugins/ that tests take, and a bar: TESTS=tests/unit BAR=70
	rm -rf build/coverage
	mkdir -p build/coverage
	$(BIN)/python -m coverage run -m pytest -q $(SIDE_BY_SIDE) $(MARKED) $(or $(TESTS),tests/unit tests/integration)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --fail-under=$(BAR)

.PHONY: mutate
mutate: $(DEV) ## changes of code that unit tests do not notice, in an hour: PARTS=engine,http MINUTES=60 ONLY=retention AGAIN=yes FRESH=yes
	$(BIN)/python tests/tools/mutate.py $(subst $(comma), ,$(PARTS)) $(if $(ONLY),--only=$(ONLY)) $(if $(MINUTES),--minutes=$(MINUTES)) $(if $(AGAIN),--again) $(if $(FRESH),--fresh)

.PHONY: molecule
molecule: $(DEV) $(LINK) ## a scenario for each role and for the workflow
	@# The local cloud that the scenarios share belongs to this run.
	LOCAL_CLOUD_PARENT_PID=$$$$ XDG_CACHE_HOME=$(CURDIR)/build/cache exec molecule test $(SCENARIOS)

.PHONY: matrix
matrix: $(DEV) $(NPM) $(AWS) ## with each supported ansible-core and the oldest libraries: ROWS=lowest,core-2.20 CELLS=unit,demo
	$(BIN)/python tests/tools/matrix.py $(ROWS_AND_CELLS)

.PHONY: sanity
sanity: $(DEV) ## ansible-test sanity, without ignore files
	$(BIN)/python tests/tools/by_ansible_test.py sanity

.PHONY: units
units: $(DEV) ## ansible-test units: the tests of make unit, as others run those of a collection
	$(BIN)/python tests/tools/by_ansible_test.py units

.PHONY: lint
lint: $(DEV) | $(TOOLS_HOME) ## ruff, codespell, mypy, pyright, reuse, antsibull-changelog, antsibull-docs, yamllint, ansible-lint, galaxy-importer
	HOME=$(CURDIR)/$(TOOLS_HOME) $(BIN)/python tests/tools/lint.py $(PART)

.PHONY: release
release: $(DEV) ## the tarball and the notes of VERSION, in build/release
	$(BIN)/python tests/tools/release.py $(VERSION)

.PHONY: format
format: $(DEV) ## lay out Python code as `make lint` wants it
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

.PHONY: docs
docs: $(DEV) $(LINK) | $(TOOLS_HOME) ## the documentation as a site in build/docs
	rm -rf build/docs
	mkdir -p build/docs/source
	HOME=$(CURDIR)/$(TOOLS_HOME) antsibull-docs collection --use-current --cleanup everything --squash-hierarchy --fail-on-error --dest-dir build/docs/source pkgops.registry_auth
	$(BIN)/python -m sphinx -c docs -W --keep-going --quiet build/docs/source build/docs/html
	@echo "build/docs/html/index.html"

.PHONY: clean
clean: ## remove all that the other targets made
	rm -rf build .venv .ansible .hypothesis

$(TOOLS_HOME):
	mkdir -p $@

$(NPM): tests/tools/package.json
	mkdir -p $(@D)
	cp $< $(@D)
	if command -v npm >/dev/null; then npm install --prefix $(@D) --ignore-scripts --no-audit --no-fund --no-package-lock --fetch-retries=1 \
		&& touch $@ || echo "npm could not install what some tests need: they are skipped, and the next run tries again."; fi

$(AWS): tests/demo/requirements-aws.txt | .venv/bin/python
	$(BIN)/python -m venv $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check --quiet install -r $<
	@touch $@

$(LINK): | .venv/bin/python
	$(BIN)/python tests/tools/checkout.py

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer, with its venv module, is needed: make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv

$(CLOUD): requirements.txt requirements-cloud.txt | .venv/bin/python
	$(PIP) install -r requirements.txt -r requirements-cloud.txt
	@touch $@

# Held by requirements-dev.txt, which a demo does not need as a whole.
$(ANSIBLE): requirements-dev.txt $(CLOUD)
	$(PIP) install $$(grep -E '^(ansible(-core)?|twine|uv)[<>=~]' requirements-dev.txt)
	@touch $@

$(DEV): requirements-dev.txt $(ANSIBLE)
	$(PIP) install -r requirements.txt -r requirements-cloud.txt -r requirements-dev.txt
	@touch $@
