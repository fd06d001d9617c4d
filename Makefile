# Every target sets up what it needs; `make help` lists them.
# .setup/bin/node is Node 24 whatever the machine's own Node is: see tools/setup.sh.

export PATH := $(CURDIR)/.setup/bin:$(CURDIR)/node_modules/.bin:$(PATH)

# Workspace packages are read from their sources, without a build.
NODE := node --conditions=millrace-source
SETUP := @tools/setup.sh

.DEFAULT_GOAL := help
.PHONY: conformance flakes sim help setup demo test check generate fix build docs bench bench-quick bench-cold proof clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Install what is missing; every other target does this by itself
	$(SETUP) --languages

demo: ## Run the main job on real input: word statistics over a folder; DIR=folder for another
	$(SETUP)
	@$(NODE) examples/wordstat/demo.ts $(DIR)

test: ## Run everything CI runs; ONLY="name name" runs some suites
	$(SETUP) --languages
	@$(NODE) tools/test/main.ts $(ONLY)

check: ## Format, lint, types, house rules, generated files fresh: under a minute
	$(SETUP) --languages
	@$(NODE) tools/test/main.ts check

generate: ## Write every generated file from its source
	$(SETUP)
	@$(NODE) tools/generate/main.ts
	@$(NODE) tools/tidy/main.ts --fix

fix: ## Format, mend what the linter can, lower the size ratchet, write the index of decisions
	$(SETUP)
	@biome check --write .
	@$(NODE) tools/tidy/main.ts --fix

build: ## Build the three npm packages into packages/*/dist
	$(SETUP)
	@for package in protocol sdk-node engine; do (cd packages/$$package && tsup --silent) || exit 1; done

docs: ## Build the API documentation into out/docs; a warning is a failure
	$(SETUP)
	@typedoc --options typedoc.json

bench: ## Measure, with every figure: out/bench/results.json; then payload files, rings, shards, affinity
	$(SETUP) --peers
	@missed=; for each in bench/main.ts bench/payload/echo.ts bench/ring/main.ts 'bench/shards/main.ts --rounds 2' \
	  'bench/affinity/main.ts --rounds 1'; do $(NODE) $$each || missed="$$missed $${each%% *}"; done; \
	if [ -n "$$missed" ]; then echo "failed, or a goal was missed:$$missed"; exit 1; fi

bench-quick: ## Measure the main figures in a minute or two
	$(SETUP) --languages
	@$(NODE) bench/main.ts --quick

bench-cold: ## Measure how workers come about, in a project with the packages installed
	$(SETUP)
	@$(NODE) bench/cold/installed.ts

proof: ## The long hostile runs: fuzzers, models, sanitizers, isolation, 2,000 simulated towns; ROUNDS= for more, SEED= for one run again
	$(SETUP) --languages
	@$(NODE) tools/test/fuzz.ts --long $(if $(SEED),--seed $(SEED)) $(if $(ROUNDS),--rounds $(ROUNDS))
	@$(NODE) tools/models/main.ts
	@$(NODE) packages/engine/src/testing/town-main.ts --seed $(or $(SEED),1) --runs 2000
	@$(NODE) tools/proof/sanitizers.ts
	@$(NODE) tools/proof/isolation.ts

conformance: ## Judge every SDK's worker and the engine by the suite: out/conformance/report.json, .html
	$(SETUP) --languages
	@$(NODE) tools/conformance/main.ts

flakes: ## Judge each SDK's worker TIMES times (20) on a busy machine: a verdict that changes is a flake
	$(SETUP) --languages
	@$(NODE) tools/conformance/flakes.ts --times $(or $(TIMES),20)

sim: ## One simulated town again: SEED=n as a failing test printed it
	$(SETUP)
	@$(NODE) packages/engine/src/testing/town-main.ts --seed $(or $(SEED),1)

clean: ## Remove what was built and measured
	rm -rf out packages/*/dist sdks/*/build bench/peers/node/node_modules
