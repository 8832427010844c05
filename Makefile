# SPDX-License-Identifier: GPL-2.0

KDIR ?= /lib/modules/$(shell uname -r)/build
DEMO_KERNEL ?= 6.12

# What KDIR is for, where it says so.
release = $(shell cat '$(KDIR)/include/config/kernel.release' 2>/dev/null || \
	uname -r)
as_root := $(if $(filter-out 0,$(shell id -u)),sudo)

export TESTS DEMO_KERNEL
unexport KDIR

.PHONY: all modules modules_install load unload demo check check-kernels \
	check-debug check-builds check-dkms check-tools check-packages bench check-bench \
	tools install stories lint clean help kdir

all: modules

# Says what is missing, in the words of someone who can do something about it.
kdir:
	@test -f '$(KDIR)/Makefile' || { \
		echo "There is no kernel build tree at $(KDIR)."; \
		echo "Install it: apt-get install linux-headers-$(release)"; \
		echo "(or linux-headers-amd64, for Debian's newest kernel),"; \
		echo "or name another: make KDIR=/usr/src/linux-headers-..."; \
		exit 1; } >&2
	@for option in SHMEM TMPFS; do \
		grep -qs "^CONFIG_$$option=y" \
			'$(KDIR)/include/config/auto.conf' || { \
		echo "shmstat reads tmpfs, and the kernel of $(KDIR) was built" \
			"without CONFIG_$$option." >&2; \
		exit 1; }; \
	done

modules: kdir
	+$(MAKE) -C '$(KDIR)' M='$(CURDIR)' modules

modules_install: modules
	+$(MAKE) -C '$(KDIR)' M='$(CURDIR)' modules_install
	depmod -a $(if $(INSTALL_MOD_PATH),-b '$(INSTALL_MOD_PATH)') '$(release)'

load: modules
	$(as_root) insmod shmstat.ko

unload:
	$(as_root) rmmod shmstat

tools:
	+$(MAKE) -C tools

install: tools
	+$(MAKE) -C tools install

demo:
	@selftests/demo/run

stories:
	@selftests/stories

check:
	@selftests/check

check-kernels:
	@selftests/check-kernels

check-debug:
	@selftests/check-debug

check-builds:
	@selftests/check-builds

check-dkms:
	@selftests/check-dkms

check-tools:
	@selftests/check-tools

check-packages:
	@selftests/check-packages

bench:
	@selftests/bench/run
	@selftests/bench/command

check-bench:
	@selftests/bench/watch

lint:
	@selftests/lint

# Not by Kbuild's rule, which would search .cache as well.
clean:
	rm -f $(foreach dir,module module/tables,$(addprefix $(dir)/,*.o .*.cmd .*.d *.o.d)) \
		shmstat.ko shmstat.o shmstat.mod shmstat.mod.c shmstat.mod.o \
		modules.order Module.symvers .module-common.o .*.cmd .*.d
	rm -f tools/shmstat tools/*.o
	rm -rf .cache/build .cache/tools .cache/lint .cache/selftests \
		.cache/check* .cache/builds .cache/canary

help:
	@echo 'Build and use, for the kernel whose build tree is'
	@echo 'KDIR=$(KDIR):'
	@echo
	@echo '  make                  build shmstat.ko'
	@echo '  make modules_install  install it for modprobe, as root'
	@echo '  make load             insmod it into the running kernel'
	@echo '  make unload           rmmod it'
	@echo '  make tools            build the shmstat command'
	@echo '  make install          install it, its manual pages, completion and'
	@echo '                        units, as root'
	@echo '      PREFIX=/usr/local, DESTDIR'
	@echo '  make clean            remove what was built'
	@echo
	@echo 'Try and test, in virtual machines; nothing is loaded here, and'
	@echo 'packages that are missing are installed with apt-get:'
	@echo
	@echo '  make demo             a report on real users of shared memory'
	@echo '      DEMO_KERNEL=$(DEMO_KERNEL)'
	@echo '  make stories          three cases, and the command that answers each'
	@echo '  make check            the selftests'
	@echo '      KERNELS="6.1 6.12", TESTS="kinds swap" for some of them;'
	@echo '      DURATION=60, SEED for the adversary among them'
	@echo '  make check-kernels    the same on every kernel that Debian offers'
	@echo '      SUITES="bullseye trixie", KERNELS="6.12 7.3-rt", TESTS'
	@echo '  make check-debug      the same, a storm, and a hostile user, on'
	@echo '                        kernels that look for bad memory, locks, races'
	@echo '                        and leaks'
	@echo '      DEBUG="kasan kcsan", MINUTES=5, SEED, TESTS'
	@echo '  make check-builds     builds without each of ten options, and by LLVM'
	@echo '  make check-dkms       DKMS, from installation over a kernel upgrade'
	@echo '                        to removal'
	@echo '  make check-tools      the shmstat command, beside lsipc, lsfd, df,'
	@echo '                        and with Prometheus'
	@echo '  make check-packages   the Debian packages, also in a virtual machine'
	@echo '  make bench            how fast, beside what one would use instead'
	@echo '      PLACES="counted native shared"'
	@echo '  make check-bench      whether it costs more than it did'
	@echo '  make lint             checkpatch, sparse, W=1, shellcheck, codespell'
	@echo
	@echo 'Kernels that were fetched stay in .cache, which can be removed.'
