# Two commands for a newcomer: `make demo` and `make test`. Each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-fast check install services services-stop bench faults lock clean

demo: install
	$(BIN)/wentichi demo

# What failed beside others on a busy machine is tried once more, alone; what fails then, fails.
PLAIN := $(BIN)/python -m pytest -m "not servers"
SERVERS := $(BIN)/python -m pytest -m servers
AGAIN := --last-failed --last-failed-no-failures none
test: install check
	$(PLAIN) -n 2 || $(PLAIN) $(AGAIN)
	$(SERVERS) -n 3 --dist loadfile || $(SERVERS) $(AGAIN)

test-fast: install
	$(BIN)/python -m pytest -m "not slow" -q -n 2

check: install
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m schemas.generate --check
	$(BIN)/python -m streams.operations.generate --check

install: $(READY)

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "wentichi 需要 Python 3.11 以上(可用 make PYTHON=... 指定)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

# Kafka and Elasticsearch without containers. make services OPTIONS="--kafka-port 19092 --folder DIR"
services: install
	$(BIN)/python -m deploy.local up $(OPTIONS)

services-stop: install
	$(BIN)/python -m deploy.local down $(OPTIONS)

bench: install
	$(BIN)/wentichi bench pipeline

# Kills, outages, poison and erasure on real servers, at full length. make faults OPTIONS="--seconds 20 --only workers.stood_still"
faults: install
	PYTHONPATH=tests:. $(BIN)/python -m on_servers.faults $(OPTIONS)

lock: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip-tools>=7.4"
	$(BIN)/python -m piptools compile --quiet --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--no-header --strip-extras --extra fast --extra servers --extra test --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) build dist *.egg-info
