# The project's tasks. `make` alone lists them. Everything is installed into .venv, nothing elsewhere
# (but `make test`, as root on Debian, installs Chromium and PostgreSQL).

VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml tools/setup
SIDE_BY_SIDE := -n 4 --dist loadfile --no-loadscope-reorder -q

# Where this is set, every process of the tests would compile all of them again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo serve test test-on-s3 check fix bench bench-sync soak compare clean

help: ## list what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1|/' | column -t -s '|'

demo: .stamps/run ## start a hub, publish collections into it, show the tasks, serve until Ctrl-C
	@$(BIN)/python tools/demo.py

serve: .stamps/run ## start an empty hub on http://127.0.0.1:8000/ with its data in ./data
	@$(BIN)/cartwheel serve

test: .stamps/test ## run all tests, on SQLite and PostgreSQL; or some, with ARGS
	@sh tools/setup-system-tests
ifdef ARGS
	@$(BIN)/python -m pytest $(ARGS)
else
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE)
	@sh tools/test-on-postgresql $(SIDE_BY_SIDE)
endif

test-on-s3: .stamps/test ## run the tests of the API, the registry and the clients with the artifacts in an S3 store
	@CARTWHEEL_TEST_STORAGE=s3 $(BIN)/python -m pytest $(or $(ARGS),tests/api tests/registry tests/scenario $(SIDE_BY_SIDE))

bench-sync: .stamps/test ## measure syncs of all real collections from another hub on this machine
	@$(BIN)/python tools/bench_sync.py $(ARGS)

check: .stamps/test .stamps/check ## linters, types, import rules, missing migrations
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-cache
	@CARTWHEEL_DATA=build/check DJANGO_SETTINGS_MODULE=cartwheel.settings $(BIN)/django-admin makemigrations --check --dry-run
	@CARTWHEEL_DATA=build/check $(BIN)/mypy

fix: .stamps/check ## format, and mend what the linter can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: .stamps/test ## measure, and write docs/performance.json
	@$(BIN)/python tools/bench.py $(ARGS)

soak: .stamps/test ## kill processes at random for as long as MINUTES says (default 10)
	@$(BIN)/python tools/soak.py --minutes $(or $(MINUTES),10)

compare: .stamps/test ## compare documentation with ansible-doc's, of all real collections or of ARGS
	@$(BIN)/python tools/compare_docs.py $(ARGS)

clean: ## remove the environment and what was built
	rm -rf $(VENV) .stamps build dist

.stamps/run: $(SOURCES)
	@sh tools/setup run

.stamps/test: $(SOURCES)
	@sh tools/setup test

.stamps/check: $(SOURCES)
	@sh tools/setup check
