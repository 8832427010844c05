# SPDX-License-Identifier: GPL-2.0
"""What is built of the project: module, tests, command, and helpers of tests."""
import pathlib
import re
import shutil
import subprocess

from build import kernel as kernels
from build.common import (CACHE, CPUS, SELFTESTS, TOP, Failure, as_root,
                          copy_changed, lock, note, output, run)
from build.root import HOST


def version():
    """It is in dkms.conf and nowhere else."""
    return re.search('^PACKAGE_VERSION="(.*)"', (TOP / "dkms.conf").read_text(),
                     re.M)[1]


def copy_module_source(target):
    """What a build of the module needs; only what changed gets a new time."""
    files = [TOP / "Kbuild", TOP / "dkms.conf", *TOP.glob("module/**/*.[ch]")]
    for file in files:
        copy_changed(file, target / file.relative_to(TOP))
    for old in target.glob("module/**/*.[ch]"):
        if not (TOP / old.relative_to(target)).exists():
            old.unlink()


def module(kernel, *arguments, directory=None, edit=None, **options):
    """
    Builds shmstat.ko for a kernel in a directory of its own: objects of two
    kernels must not mix, and v6.1 has no MO= to keep them apart. edit is called
    with the directory once the sources are there.
    """
    build = directory or CACHE / "build" / kernel.name
    with lock(CACHE / f"build/.{build.name}.lock"):
        copy_module_source(build)
        if edit:
            edit(build)
        return kbuild(kernel, build, "shmstat.ko", arguments, options)


def kbuild(kernel, build, target, arguments, options):
    """Builds the module that is in a directory, by the compiler of the kernel."""
    kernel.root.need("build the module", "gcc", "make")
    make = ["make", "-s", f"-j{CPUS}", "-C", kernel.kdir]
    if kernel.root.is_host:
        run([*make, f"M={build}", *arguments, "modules"], **options)
        return build / target
    # The compiler of that root sees nothing else.
    inside = kernel.root.path / "build"
    with lock(CACHE / "roots/.build.lock"):
        run(as_root(["rm", "-rf", inside]))
        run(as_root(["cp", "-r", build, inside]))
        run(kernel.root.inside([*make, "M=/build", *arguments, "modules"]),
            **options)
        shutil.copy(inside / target, build)
    return build / target


def external(kernel, directory, *arguments, **options):
    """A helper module of the tests, which has the name of its directory."""
    build = CACHE / "modules" / kernel.name / directory.name
    with lock(CACHE / f"modules/.{kernel.name}.{directory.name}.lock"):
        for file in directory.iterdir():
            copy_changed(file, build / file.name)
        return kbuild(kernel, build, f"{directory.name}.ko", arguments, options)


def keeper(kernel, **options):
    """What the test programs let the kernel do that no system call does."""
    return external(kernel, SELFTESTS / "keeper", **options)


def kselftest():
    """The kernel's kselftest: lib.mk, the harness, and helpers for KTAP."""
    return kernels.source() / "tools/testing/selftests"


def tests_make(*arguments):
    return ["make", "-s", f"-j{CPUS}", "-C", SELFTESTS,
            f"KSELFTEST_DIR={kselftest()}", *arguments]


def test_names():
    """Those of selftests/Makefile, in the order to run them in."""
    return output(tests_make("list")).split()


def tests(directory=CACHE / "selftests", **options):
    """Builds the test programs; returns their directory."""
    HOST.need("build and run the tests", "gcc", "make", "libc6-dev", "dmsetup")
    directory.mkdir(parents=True, exist_ok=True)
    run(tests_make(f"OUTPUT={directory}"), **options)
    return directory


def cases(program):
    """The names of a test program's cases: the harness's third column."""
    text = subprocess.run([program, "-l"], stderr=subprocess.STDOUT, text=True,
                          stdout=subprocess.PIPE).stdout
    return {line[47:].strip() for line in text.splitlines()
            if not line.startswith(("#", "-"))} - {""}


def command(name="tools", *arguments, top=TOP, **options):
    """The shmstat command, in a directory of its own in .cache, or any."""
    HOST.need("build the command", "gcc", "make", "libc6-dev", "pkg-config",
              "libsmartcols-dev", "libmount-dev", "libncurses-dev",
              "libjansson-dev", "libsqlite3-dev")
    directory = CACHE / name
    run(["make", "-s", f"-j{CPUS}", "-C", top / "tools", f"OUTPUT={directory}",
         *arguments], **options)
    return directory / "shmstat"


def sanitized_command(name="tools-sanitized", **options):
    return command(name, "CFLAGS=-O1 -g "
                   "-fsanitize=address,undefined -fno-sanitize-recover=all",
                   **options)


def need_postgresql():
    """Nobody asked for a database on this machine, only for its program."""
    if list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return
    conf = "/etc/postgresql-common/createcluster.d/shmstat.conf"
    run(as_root(["install", "-D", "-m", "644", "/dev/stdin", conf]),
        input=b"create_main_cluster = false\n", stdin=None)
    try:
        HOST.need("have a real user of shared memory", "postgresql")
    finally:
        run(as_root(["rm", "-f", conf]))


def need_desktop():
    """Where it is not to be had, the test of it says so."""
    try:
        HOST.need("have a desktop", "chromium", "weston")
    except Failure as failure:
        note(f"no desktop: {failure}")


def program(source, *others):
    """A small C program of the tests."""
    HOST.need("build a helper of the tests", "gcc", "libc6-dev")
    target = CACHE / "programs" / source.stem
    target.parent.mkdir(parents=True, exist_ok=True)
    run(["gcc", "-O2", "-Wall", "-I", SELFTESTS, "-o", target, source, *others])
    return target


def hold():
    """The demo's users of shared memory, beside PostgreSQL."""
    need_postgresql()
    return program(SELFTESTS / "demo/hold.c",
                   SELFTESTS / "helpers/drm.c", SELFTESTS / "helpers/socket.c")
