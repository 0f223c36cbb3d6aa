# `make help` lists the targets. Only make and a Python from 3.11 to 3.13 have to be on the machine.
# Works with GNU make 3.81, which macOS has.

VENV ?= .venv
# Further arguments of every `pip install`, e.g. PIP_EXTRA="--extra-index-url <PyTorch's CPU index>".
# In a folder that `make bundle` wrote, packages come from it alone.
PIP_EXTRA ?= $(if $(wildcard wheels),--no-index --find-links wheels)
# The folder that `make bundle` writes, and the sets of packages in it.
BUNDLE ?= dist/bundle
BUNDLED ?= runtime postgresql local-llm ocr
# Further arguments of pytest, e.g. PYTEST_ARGS="-k manifest".
PYTEST_ARGS ?=
# Further arguments of `make load`, e.g. LOAD_ARGS="--people 50 --seconds 60 --json".
LOAD_ARGS ?=
# Numbers of workers for `make load`, one measurement each, e.g. WORKERS="1 2 4"; REAL=1: over PostgreSQL and Chroma.
WORKERS ?= 1
REAL ?=
# Further arguments of `make stack-test`, e.g. STACK_ARGS="--only kill_worker --fault-seconds 10 --json".
STACK_ARGS ?=
# Which model `make model` fetches; empty: the recommended one.
MODEL ?=
# UPGRADE=--upgrade lets `make lock` choose newer releases; without it, pinned versions stay if they fit.
UPGRADE ?=

BIN := $(VENV)/bin/python
SUPPLY := $(VENV)/supply/bin/python
PIP_DOWNLOAD = $(BIN) -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: $(PIP_EXTRA)
PIP := $(BIN) -m pip install --quiet --disable-pip-version-check
# Debian's python3 lacks ensurepip, without which no virtual environment can be made.
WHEELS_FIT := import platform, sys; print("Python %d.%d" % sys.version_info[:2], platform.system(), platform.machine())
FITS := import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
# The machine's own python3 comes first, because its owner keeps it up to date.
PYTHON ?= $(firstword $(foreach candidate,python3 python3.13 python3.12 python3.11 python,\
	$(shell $(candidate) -c '$(FITS)' >/dev/null 2>&1 && echo $(candidate))))

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev setup-llm setup-postgresql setup-ocr model run test test-model chaos load stack stack-test fuzz audit sbom lint style types format eval \
	lock screenshots bundle bundle-test
.DELETE_ON_ERROR:

help: ## この一覧 / this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.runtime $(VENV)/.project ## 仮想環境と依存関係 / virtual environment with the locked dependencies

setup-dev: setup $(VENV)/.dev ## 開発用の道具も / the development tools too

setup-llm: setup $(VENV)/.local-llm ## GGUF の言語モデルを動かす部品も / llama.cpp, for SHIRUBE_LLM_GGUF

setup-postgresql: setup $(VENV)/.postgresql ## PostgreSQL につなぐ部品も / the driver for SHIRUBE_DATABASE_URL

setup-ocr: setup $(VENV)/.ocr ## スキャンした紙面の文字を読む部品も / OCR for scanned pages

model: setup-llm ## 手元で動かす言語モデルを取得して .env に書く（YES=1 で尋ねない） / fetch a local language model
	$(BIN) -m bot model get $(if $(YES),--yes) $(MODEL)

run: setup ## 文書を索引にして http://127.0.0.1:8000 で開く / index the documents and serve
	$(BIN) -m ingest build
	$(BIN) -m bot serve

# One thread per worker: six workers use all cores (decision 045), and threads of NumPy would only wait for each other.
# Types are checked at the same time.
test: setup-dev style ## 検査とすべてのテスト / lint, types and every test
	@$(MAKE) --no-print-directory types & types=$$!; \
	OMP_NUM_THREADS=1 $(BIN) -m pytest -n 6 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS); tests=$$?; \
	wait $$types && exit $$tests

test-model: setup-dev setup-llm ## 小さな GGUF を本物のエンジンで動かすテスト / the tests that run a real engine
	$(BIN) -m pytest -m model tests/bot/answering/llm/test_gguf.py $(PYTEST_ARGS)

chaos: setup-dev ## 索引のファイルを壊し、動いているプロセスを止めて試す（30分ほど） / damage files, kill processes (half an hour)
	$(BIN) -m tests.tools.chaos
	$(BIN) -m tests.tools.kills

load: setup-dev ## 200人が5分間いっせいに尋ねる / 200 people ask at once for five minutes
	$(BIN) -m tests.tools.load --workers $(WORKERS) $(if $(REAL),--real) $(LOAD_ARGS)

stack: setup-dev ## PostgreSQL・Chroma・2つのワーカー・nginx を、この機械で動かす / the whole service on this machine
	$(BIN) -m tests.stack

stack-test: setup-dev ## その部品を止め、壊し、大勢で尋ねる（10分ほど） / stop and kill its parts, ask all at once (ten minutes)
	$(BIN) -m tests.stack.faults $(STACK_ARGS)

fuzz: setup-dev ## OpenAPI の文書から作った呼び出しを、動くサーバーに送る（15分ほど） / calls made up from the OpenAPI document
	$(BIN) -m tests.tools.fuzz

audit: setup-dev $(VENV)/.supply ## 入っている部品に知られた弱点がないかを調べる（要ネットワーク） / known vulnerabilities, over the network
	$(SUPPLY) -m pip_audit --skip-editable --progress-spinner off --path $(shell $(BIN) -c "import sysconfig; print(sysconfig.get_path('purelib'))")

sbom: setup-dev $(VENV)/.supply ## 部品表（CycloneDX）を var/sbom.json に書く / a bill of materials of what is installed
	@mkdir -p var
	$(SUPPLY) -m cyclonedx_py environment --pyproject pyproject.toml --output-reproducible --of JSON -o var/sbom.json $(BIN)

lint: style types ## ruff と mypy / ruff and mypy

style: setup-dev
	$(BIN) -m ruff check .
	$(BIN) -m ruff format --check .

types: setup-dev
	$(BIN) -m mypy

format: setup-dev ## 書式を整える / let ruff format the code
	$(BIN) -m ruff check --fix .
	$(BIN) -m ruff format .

eval: setup ## 回帰の問いと1万箇所での回答時間を基準と比べる / the regression cases and answer times, against the baseline
	$(BIN) -m eval run --gate
	$(BIN) -m eval golden
	$(BIN) -m eval speed --texts eval --passages 10000 --queries 100 --gate

bundle: setup ## 閉じた網（LGWAN など）で入れるための一式を dist/bundle に書く / all that installs without a network
	@git rev-parse --verify --quiet HEAD >/dev/null || { \
	  echo "git で取得したフォルダーで実行してください。 / Run this in a git checkout." >&2; exit 2; }
	rm -rf $(BUNDLE) && mkdir -p $(BUNDLE)/wheels
	git archive HEAD -- . ':!lab' ':!tests/lab' | tar -x -C $(BUNDLE)
	$(call select,$(BUNDLED)) > $(BUNDLE)/wheels/wanted.txt
	$(PIP_DOWNLOAD) --require-hashes --dest $(BUNDLE)/wheels -r $(BUNDLE)/wheels/wanted.txt
	$(PIP_DOWNLOAD) --dest $(BUNDLE)/wheels $(TORCH)
	rm $(BUNDLE)/wheels/wanted.txt
	$(BIN) -c '$(WHEELS_FIT)' > $(BUNDLE)/wheels/made-for.txt
	@echo "$(BUNDLE) を同じ種類の機械（$$(cat $(BUNDLE)/wheels/made-for.txt)）へ写し、そこで make run を実行してください。"
	@echo "Copy $(BUNDLE) to a machine of the same kind ($$(cat $(BUNDLE)/wheels/made-for.txt)) and run \`make run\` there."

bundle-test: bundle ## その一式を、網のない名前空間で入れて尋ねる / install it in a namespace without a network, and ask
	$(BIN) -m tests.tools.bundle $(BUNDLE)

screenshots: setup-dev ## 説明用の画面写真を撮る / take the pictures in docs/images
	$(BIN) -m tests.tools.screenshots

lock: setup-dev ## 依存関係の版を決める（UPGRADE=--upgrade で新しく） / lock what pyproject.toml asks for
	$(PIP) $(PIP_EXTRA) uv
	$(BIN) -m tests.tools.lock $(UPGRADE)

# The packages of the sets $(1), as requirement lines: in the lock they are below a line that names their sets.
select = awk -v sets="$(1)" 'BEGIN { gsub(" ", "|", sets) } /^\# sets:/ { wanted = $$0 ~ "[ ](" sets ")( |$$)" } wanted' requirements.lock
TORCH = $(shell $(call select,torch) | tail -1)

# Each stamp is newer than its sources, so that a second `make run` does not call pip.
$(VENV)/.made:
	@test -n "$(PYTHON)" || { \
	  echo "Python 3.11〜3.13（venv つき）が見つかりません。インストールするか、make PYTHON=/…/python3.12 のように指定してください。" >&2; \
	  echo "No Python 3.11-3.13 with venv was found. Install one (Debian: python3-venv too) or name it: make PYTHON=/.../python3.12" >&2; \
	  exit 2; }
	@$(PYTHON) -c '$(FITS)' || { \
	  echo "$(PYTHON) は使えません。venv を備えた Python 3.11〜3.13 を指定してください。" >&2; \
	  echo "$(PYTHON) does not fit: a Python 3.11-3.13 with venv is needed." >&2; exit 2; }
	@test ! -f wheels/made-for.txt || test "$$($(PYTHON) -c '$(WHEELS_FIT)')" = "$$(cat wheels/made-for.txt)" || { \
	  echo "wheels/ は $$(cat wheels/made-for.txt) のためのものです。同じ Python を make PYTHON=… で指定してください。" >&2; \
	  echo "wheels/ was made for $$(cat wheels/made-for.txt): name such a Python with make PYTHON=..." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# --no-deps: the lock is complete, and torch gets no CUDA packages. torch is pinned without a hash, because its CPU
# builds come from another index than the one that was locked.
LOCKED = $(PIP) --no-deps --require-hashes $(PIP_EXTRA)
$(VENV)/%.txt: requirements.lock $(VENV)/.made
	$(call select,$*) > $@

$(VENV)/.runtime: $(VENV)/runtime.txt
	@echo "依存関係を入れています（初回は数分かかります） / installing the locked dependencies (minutes, once)"
	$(LOCKED) -r $<
	$(PIP) --no-deps $(PIP_EXTRA) $(TORCH)
	@$(BIN) -c 'import torch' 2>/dev/null || { \
	  echo "注意: PyTorch を読み込めません（既定の設定では使いません）。docs/operations.ja.md をご覧ください。" >&2; \
	  echo "Note: PyTorch does not load (the default settings do without it). See docs/operations.ja.md." >&2; }
	@touch $@

$(VENV)/.dev $(VENV)/.local-llm $(VENV)/.postgresql $(VENV)/.ocr: $(VENV)/.%: $(VENV)/%.txt $(VENV)/.runtime
	$(LOCKED) -r $<
	@touch $@

$(VENV)/.supply: $(VENV)/supply.txt $(VENV)/.runtime
	$(BIN) -m venv $(VENV)/supply
	$(SUPPLY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes $(PIP_EXTRA) -r $<
	@touch $@

$(VENV)/.project: pyproject.toml $(VENV)/.runtime
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
