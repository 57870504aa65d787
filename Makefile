# Everything sets itself up: each target first makes .venv from pyproject.toml and constraints.txt.
# A newer Python than the system's: make test PYTHON=python3.12

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin
# The environment is rebuilt when what it is made from changes.
READY := .venv/ready
# Threads of PyTorch that wait sleep, see course_lib/threads.py.
OMP_WAIT_POLICY ?= passive
export OMP_WAIT_POLICY

.PHONY: help setup lab test test-any-processor test-arithmetic course derive slides data doctor bench picture constraints lint clean

help:
	@echo "make lab      set up, and open JupyterLab on the first lesson"
	@echo "make test     set up, and run everything that CI runs"
	@echo "make test-any-processor   the library's tests as on an older processor, which rounds otherwise"
	@echo "make course   run every lesson headless at quick size; a table of seconds"
	@echo "make derive   write notebooks, blanks, solutions and decks from their sources"
	@echo "make slides   build the decks as HTML, and PDF where Chromium is there, into slides/build"
	@echo "make data     download MNIST (another set: make data NAME=cifar10)"
	@echo "make doctor   look at this computer and say what is not in order"
	@echo "make bench    our speed against the plain way of doing the same, in one run"
	@echo "make lint     check style and formatting; make clean: remove what the other targets made"

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "The course needs Python 3.11 or newer, and none was found. Install it, or say where: make lab PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	$(BIN)/python tools/kernel.py
	@touch $(READY)

lab: $(READY)
	# The path is for JupyterLab's own terminals, where a student types gan-course.
	PATH="$(CURDIR)/.venv/bin:$$PATH" jupyter lab --ip=localhost --ServerApp.root_dir=. \
		--LabApp.default_url=/lab/tree/notebooks/00_welcome.ipynb $(if $(filter 0,$(shell id -u)),--allow-root)

test: lint
	# By file, so that one JupyterLab serves all the tests that drive it.
	$(BIN)/python -m pytest -n 2 --dist loadfile

# As on an older processor: oneDNN without AMX and AVX512, ATen not vectorised, and MKL, which takes matrix products in
# float32 and is what differs on AMD, with the oldest of its kernels.
OLDER := ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=default MKL_ENABLE_INSTRUCTIONS=SSE4_2
# The part that CI runs so, two minutes on two cores: where arithmetic is, and trainings that must repeat.
ARITHMETIC := $(addprefix tests/test_,verdict.py theory.py $(addsuffix *.py,game layers_ losses_ metrics_ models_ widgets_ training_))

test-any-processor: $(READY)
	$(OLDER) $(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser and not notebook"

test-arithmetic: $(READY)
	$(OLDER) $(BIN)/python -m pytest -n 2 --dist loadfile $(wildcard $(ARITHMETIC))

course: $(READY)
	$(BIN)/python tools/course.py

derive: $(READY)
	$(BIN)/python tools/derive.py $(ARGS)

slides: $(READY)
	$(BIN)/python tools/slides.py

picture: $(READY)
	$(BIN)/python tools/picture.py

# The versions now in .venv, as the ones to test with; torch chooses its own CUDA packages.
constraints: $(READY)
	@{ echo "# The exact versions the course was last tested with: pip install -c constraints.txt -e ."; \
	echo "# torch chooses its own CUDA packages, so they are not listed."; \
	$(BIN)/pip freeze --exclude-editable | grep -viE '^(nvidia|cuda|triton)'; } > constraints.txt.tmp
	@mv constraints.txt.tmp constraints.txt

data: $(READY)
	$(BIN)/gan-course data $(or $(NAME),mnist)

doctor: $(READY)
	$(BIN)/gan-course doctor

bench: $(READY)
	$(BIN)/python benchmarks/dcgan_step.py speed
	$(BIN)/python benchmarks/minibatch_discrimination.py
	$(BIN)/python benchmarks/parzen.py
	$(BIN)/python benchmarks/busy_laptop.py
	$(BIN)/python benchmarks/widgets.py

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

clean:
	rm -rf .venv build slides/build artifacts *.egg-info
