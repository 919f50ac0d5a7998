# The one entry. Everything of substance is in scripts/.

ARGS ?=

.PHONY: help run test check bench soak zoo e2e bindings format package clean

help: ## What there is (this list)
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: ## Install what is missing, build, open the window (ARGS="--data DIR")
	@scripts/run $(ARGS)

test: ## Everything that continuous integration runs
	@scripts/test

check: ## Formatting, lints, floors, sizes, bindings, licences; no tests
	@scripts/test check

e2e: ## Browser and window tests
	@scripts/test e2e

bench: ## Ratios against peers, release build
	@scripts/bench $(ARGS)

zoo: ## Real programs, expected against found (QUICK=1 for what installs quickly)
	@scripts/zoo $(if $(QUICK),--quick) $(ARGS)

bindings: ## Write what is generated from Rust
	@scripts/xtask bindings

format: ## Format Rust and the front end
	@cargo fmt && cd ui && npm run --silent format

package: ## A release build, and packages where their tools are installed
	@scripts/package

clean: ## Remove what was built and installed here
	rm -rf target gen permissions tests/output ui/dist ui/node_modules

soak: ## The fault tests in full: kills, failing disks, hostile files; late ticks for ten minutes (ARGS=30: seconds)
	@scripts/soak $(ARGS)
