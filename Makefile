# SPDX-License-Identifier: GPL-2.0

KDIR ?= /lib/modules/$(shell uname -r)/build
# The version is in dkms.conf and nowhere else.
VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
DKMS_SOURCE = $(DESTDIR)/usr/src/shmstat-$(VERSION)

# What KDIR is for, where it says so; kernel.release lacks Debian's part of it.
release = $(or $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	'$(KDIR)/include/generated/utsrelease.h' 2>/dev/null),$(shell uname -r))
as_root := $(if $(filter-out 0,$(shell id -u)),sudo)

unexport KDIR

# What selftests/run does.
in_vms := demo stories check check-kernels check-debug check-builds check-dkms \
	check-tools check-mutants check-packages bench check-bench lint vm vm-gdb

.PHONY: all modules modules_install load unload tools install dkms \
	dkms-install dkms-remove clean help kdir python $(in_vms)

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

# Removes every version that DKMS has; it needs a version's dkms.conf for that.
define dkms_remove
@case '$(CURDIR)' in /usr/src/shmstat-*) \
	echo "DKMS's copy goes to $(CURDIR): work in another directory." >&2; \
	exit 1;; \
esac
@! dpkg -S '/usr/src/shmstat-*' >/dev/null 2>&1 || { \
	echo "The package shmstat-dkms is installed: apt-get purge shmstat-dkms" \
		>&2; exit 1; }
@for source in /var/lib/dkms/shmstat/*/source; do \
	[ -L "$$source" ] || continue; \
	version=$$(basename "$${source%/source}"); \
	[ -e "$$source/dkms.conf" ] || \
		install -D dkms.conf "/usr/src/shmstat-$$version/dkms.conf"; \
	dkms remove "shmstat/$$version" --all || exit; \
	rm -rf "/usr/src/shmstat-$$version"; \
done
rm -rf '/usr/src/shmstat-$(VERSION)'
endef

dkms:
	@command -v dkms >/dev/null || { \
		echo "There is no dkms: apt-get install dkms" >&2; exit 1; }

# Puts the sources where DKMS looks for them; with DESTDIR, that is all.
dkms-install: $(if $(DESTDIR),,kdir dkms)
	$(if $(DESTDIR),rm -rf '$(DKMS_SOURCE)',$(dkms_remove))
	install -d '$(DKMS_SOURCE)'
	cp --parents Kbuild dkms.conf $$(find module -name '*.[ch]') \
		'$(DKMS_SOURCE)'
	$(if $(DESTDIR),,dkms install shmstat/$(VERSION) -k '$(release)')

dkms-remove:
	$(dkms_remove)

python:
	@test -x /usr/bin/python3 || { \
		echo "Installing python3, which runs the tests" >&2; \
		$(as_root) apt-get -qq install -y --no-install-recommends python3 \
			>/dev/null; }

$(in_vms): python
	@selftests/run $@

# Not by Kbuild's rule, which would search .cache as well.
clean:
	find module -name '*.o' -o -name '.*.cmd' -o -name '.*.d' -o -name '*.o.d' | \
		xargs rm -f
	rm -f shmstat.ko shmstat.o shmstat.mod shmstat.mod.c shmstat.mod.o \
		modules.order Module.symvers .module-common.o .*.cmd .*.d
	+$(MAKE) -C tools clean
	rm -rf .cache/build .cache/tools* .cache/lint* .cache/selftests \
		.cache/check* .cache/builds .cache/modules .cache/programs \
		.cache/packages* .cache/vm .cache/ci

help:
	@echo 'Build and use, for the kernel whose build tree is'
	@echo 'KDIR=$(KDIR):'
	@echo
	@echo '  make                  build shmstat.ko'
	@echo '  make modules_install  install it for modprobe, as root'
	@echo '  make load             insmod it into the running kernel'
	@echo '  make unload           rmmod it'
	@echo '  make dkms-install     have DKMS build and install it for each kernel,'
	@echo '                        as root'
	@echo '  make dkms-remove      undo that'
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
	@echo '  make stories          seven cases, and the command that answers each'
	@echo '  make vm               a shell in a machine, with the module loaded'
	@echo '      RUN="cat /proc/shmstat/summary" for one command line'
	@echo '  make vm-gdb           gdb on the kernel of that machine, from another'
	@echo '                        terminal'
	@echo '  make check            the selftests'
	@echo '      DURATION=60, SEED, ONLY for the adversary among them;'
	@echo '      ALL=yes: also the other checks, as far as .ci/run wants them'
	@echo '  make check-kernels    the selftests on every kernel that Debian offers'
	@echo '      SUITES="bullseye trixie", KERNELS="oldest 7.3-rt"'
	@echo '  make check-debug      the selftests, a storm, and a hostile user, on'
	@echo '                        kernels that look for bad memory, locks, races'
	@echo '                        and leaks'
	@echo '      KERNELS="kasan kcsan", MINUTES=5, RELOADS=1000, SEED'
	@echo '  make check-builds     builds without each of ten options, and by LLVM'
	@echo '  make check-dkms       DKMS, from installation over a kernel upgrade'
	@echo '                        to removal'
	@echo '  make check-tools      the shmstat command, beside lsipc, lsfd, df,'
	@echo '                        and with Prometheus'
	@echo '      PARTS="recorded crafted containers shortage verdicts screen rules'
	@echo '      written past recorder plot complete hostile speed live forecast'
	@echo '      podman prometheus", GRAPHS=40 and SEED for forecast; only if they'
	@echo '      are named: desktop, and soak with BOOTS=3 and KILLS=20'
	@echo '  make check-mutants    mistakes in module and command that the tests have'
	@echo '                        to find'
	@echo '      N=20, SEED=1, FILES="module/inode.c", MUTANTS="7 12"'
	@echo '  make check-packages   the Debian packages, also in a virtual machine'
	@echo '  make bench            how fast, beside what one would use instead'
	@echo '      PLACES="counted native shared", BYTES, OBJECTS, RUNS, QUICK=1'
	@echo '  make check-bench      whether it costs more than it did'
	@echo '      WRITE=1: expect what it costs now'
	@echo '  make lint             checkpatch, sparse, W=1, kernel-doc, shellcheck'
	@echo
	@echo 'KERNELS="6.12 trixie/7.3 kasan" says on which kernels; what needs only one'
	@echo 'takes the first. TESTS="kinds swap": only these programs, CASE=in_flight:'
	@echo 'only this case of them. JOBS=2: so many machines side by side. Details:'
	@echo 'selftests/README.md.'
	@echo
	@echo 'Kernels that were fetched stay in .cache, which can be removed.'
