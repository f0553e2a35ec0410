# `make demo`, `make test` and `make docs` need Python 3.11 or later, make and a network; everything else they set up themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint types check campaigns docs figures shots clean

demo: $(VENV)/installed
	$(BIN)/symdiff demo

test: lint types check

lint: $(VENV)/developed
	$(BIN)/ruff check .

types: $(VENV)/developed
	$(BIN)/mypy

check: $(VENV)/developed
	$(BIN)/pytest -n 2 --dist worksteal

# Thousands of checks against an independent reference: docs/campaigns.md. An hour or so; PyTorch's part only where it is installed.
campaigns: $(VENV)/developed
	$(BIN)/python -m benchmarks.campaigns --write docs/campaigns.md

# The documentation site in build/docs: warnings are errors, and every link within it leads somewhere.
docs: $(VENV)/developed
	$(BIN)/sphinx-build -W --keep-going -q -j 2 -b html docs build/docs
	$(BIN)/python docs/check_links.py build/docs

# The tables of docs/benchmarks.md and the figures of README.md, from benchmarks/results.
figures: $(VENV)/developed
	$(BIN)/python benchmarks/figures.py

# Every page of the gallery as it is seen: both languages, light and dark, wide, narrow and on A4; in build/shots, to be looked at.
# The README's own picture is taken as well.
shots: $(VENV)/developed
	$(BIN)/python -m tests.picture.shots --figures docs
	$(BIN)/python -m tests.picture.shots build/shots

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# an editable install compiles the catalogues
CATALOGUES := $(wildcard templates/locale/*/LC_MESSAGES/*.po)

$(VENV)/installed: $(BIN)/python pyproject.toml $(CATALOGUES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/developed: $(BIN)/python pyproject.toml $(CATALOGUES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,peers]'
	@touch $(VENV)/installed $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build dist symdiff-demo
