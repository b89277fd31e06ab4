# Recipes, parallel jobs, sub-makes, shell functions, failures.
NUMBERS := $(shell seq 1 30)

all: $(NUMBERS:%=build.%) serial
	@cat $(NUMBERS:%=build.%) | sort -n | cksum
	@$(MAKE) -s -f $(firstword $(MAKEFILE_LIST)) below LEVEL=2
	@rm -f build.*
	-@exit 3

build.%:
	@seq 1 $* >$@
	@echo $(shell echo from the shell $*) >>$@

serial:
	@echo $(words $(NUMBERS)) numbers

below:
	@echo level $(LEVEL)
	@echo 'line' | cat | tr a-z A-Z

.PHONY: all serial below
