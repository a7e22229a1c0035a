# make book · make test · make test-lab · make notebooks · make lab · make lab-update · make pdf ·
# make serve · make lint · make bench · make fuzz · make mutants · make frameworks · make lock ·
# make translate · make links · make clean

PYTHON ?= python3
BIN := .venv/bin
NOTEBOOKS := $(patsubst nbsrc/%.md,book/%.ipynb,$(wildcard nbsrc/*.md))
CHAPTERS := $(filter book/0%,$(NOTEBOOKS))
LIBRARY := $(shell find lib/nnbook lib/explorable/src -name "*.py" -o -name "*.js" -o -name "*.css" -o -name "*.json")

.PHONY: book test test-lab notebooks lab lab-update pdf serve lint bench fuzz mutants frameworks lock translate links clean FORCE
.DELETE_ON_ERROR:

# Both editions, or one: make book LANGUAGE=zh. (LANGUAGE in the environment is the system's own.)
ONE := $(if $(filter command line,$(origin LANGUAGE)),--language $(LANGUAGE))

book: .venv/reader
	$(BIN)/python tools/book.py $(ONE)
	@echo
	@echo "The book: file://$(CURDIR)/_build/html/index.html"
	@echo "中文版：  file://$(CURDIR)/_build/html/zh/index.html"

# Nonempty where .venv is whole, stands where it was made, and has a Python that will do.
SOUND := $(shell $(BIN)/python tools/sound.py 2>/dev/null)

.venv/reader: requirements.txt requirements.lock lib/pyproject.toml lib/explorable/pyproject.toml $(if $(SOUND),,FORCE)
	@$(PYTHON) -c "import sys; sys.exit(None if sys.version_info >= (3, 11) else 'Python 3.11 or newer is needed')"
	@$(if $(SOUND),,echo "Making .venv: about 1 GB, a few minutes the first time" && rm -rf .venv && $(PYTHON) -m venv .venv)
	$(BIN)/python -m pip install --quiet -r requirements.txt -c requirements.lock
	@touch $@

.venv/author: requirements-dev.txt .venv/reader
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt -c requirements.lock
	@touch $@

# All that the pins bring along, for every Python and system, in one file that pip takes for limits.
lock: .venv/author
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	    --no-emit-package nnbook --no-emit-package explorable --no-annotate --upgrade \
	    --custom-compile-command "make lock" requirements-dev.txt --output-file requirements.lock

# A notebook is executed again when its source, the library or the pins changed; -B executes all.
notebooks: .venv/reader
	@$(MAKE) --no-print-directory -j2 $(NOTEBOOKS)

book/%.ipynb: nbsrc/%.md $(LIBRARY) tools/notebook.py requirements.txt | .venv/reader
	$(BIN)/python tools/notebook.py $< $@

# What is gathered from the chapters.
book/ledger.ipynb book/checked.ipynb: $(CHAPTERS)

test: .venv/author book
	$(BIN)/python -m nnbook.claims
	$(BIN)/pytest

# Every chapter once more, in JupyterLab and in a browser: minutes, so not with the others.
test-lab: .venv/author
	$(BIN)/pytest -n0 -m lab tests/site/test_site_lab.py

# The reader's own copy, in workbook/, or workbook/zh/ for LANGUAGE=zh: nothing there is written over.
WORKBOOK := workbook$(if $(findstring zh,$(ONE)),/zh)

lab: book
	$(BIN)/python tools/workbook.py $(ONE)
	$(BIN)/jupyter lab $(WORKBOOK) $(if $(filter 0,$(shell id -u)),--allow-root)

# Newer editions of the chapters; answers and added cells stay.
lab-update: book
	$(BIN)/python tools/workbook.py update $(ONE)

# The whole book in one file, printed by Chromium; one for each edition, or one: LANGUAGE=zh.
pdf: .venv/author book
	$(BIN)/python tools/pdf.py $(ONE)

serve: book
	$(BIN)/python -m http.server --directory _build/html --bind 127.0.0.1 8000

lint: .venv/author
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/codespell

bench: .venv/author
	@for script in bench/bench_*.py; do env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(BIN)/python $$script || exit 1; done

# Random truths and falsehoods against the prover: N=20000 by default, hours.
fuzz: .venv/author
	$(BIN)/python tools/fuzz.py $(or $(N),20000)

# Modules that changed since the last release, or MODULES="proof.sums losses"; SAMPLE=30 SEED=1 of each.
mutants: .venv/author
	nice $(BIN)/python tools/mutants.py $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) $(MODULES)

# What the frameworks return, recorded again; they stay out of the book's own environment.
frameworks: .venv-frameworks/ready
	.venv-frameworks/bin/python tools/frameworks.py

.venv-frameworks/ready: requirements-frameworks.txt
	test -x .venv-frameworks/bin/python || $(PYTHON) -m venv .venv-frameworks
	.venv-frameworks/bin/pip install --quiet -r requirements-frameworks.txt
	touch $@

# The catalogues of the Chinese edition: brought up to date, with a list of what is stale.
translate: .venv/author
	$(BIN)/python tools/translate.py

# Do the addresses that the text cites answer? Asks the network.
links: .venv/reader
	$(BIN)/python tools/book.py --builder linkcheck

clean:
	rm -rf _build .venv .venv-frameworks mutants .pytest_cache .ruff_cache .hypothesis
