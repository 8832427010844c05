# SPDX-License-Identifier: GPL-2.0
"""The Debian packages, DKMS, and the builds that the README names."""
import dataclasses
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading

from build import kernel as kernels
from build import product
from build.common import (CACHE, SELFTESTS, TOP, as_root, fresh, output, run,
                          tracked, words)
from build.lint import unless_silent
from build.root import HOST, suite
from vm import jobs
from vm.machine import Machine

HERE = SELFTESTS / "packaging"
PACKAGES = CACHE / "packages"


def in_turn(first, second):
    """Two jobs, of which one needs what the other leaves."""
    ended = threading.Event()

    def work_first(log):
        try:
            first.work(log)
        finally:
            ended.set()

    def work_second(log):
        ended.wait()
        second.work(log)

    return [dataclasses.replace(first, work=work_first),
            dataclasses.replace(second, work=work_second)]


def copy_tracked(target):
    for path in tracked():
        copy = target / path.relative_to(TOP)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)


def build_packages():
    """Without root, which building them does not need."""
    build = ["dpkg-buildpackage", "-us", "-uc"]
    fresh(PACKAGES)
    with tempfile.TemporaryDirectory(prefix="shmstat-packages.") as tmp:
        source = pathlib.Path(tmp) / "source"
        copy_tracked(source)
        if os.geteuid() == 0:
            os.chmod(tmp, 0o755)
            run(["chown", "-R", "nobody:nogroup", tmp])
            build = ["setpriv", "--reuid=nobody", "--regid=nogroup",
                     "--clear-groups", "env", "HOME=/nonexistent", *build]
        output(build, cwd=source, stderr=subprocess.STDOUT)
        for path in pathlib.Path(tmp).glob("shmstat*"):
            shutil.copy(path, PACKAGES)


def lintian():
    return unless_silent(["lintian", "--allow-root", "--display-info",
                          *PACKAGES.glob("*.changes")])


def changelog_version():
    """Debian's changelog has a version by nature; dkms.conf's is ours."""
    line = (TOP / "debian/changelog").read_text().splitlines()[0]
    wanted = f"shmstat ({product.version()}) "
    return "" if line.startswith(wanted) else \
        f"debian/changelog begins with '{line}', not with '{wanted}'"


def package_jobs(kernel, boot):
    HOST.need("build and check the packages", "build-essential", "debhelper",
              "dh-dkms", "fakeroot", "git", "libjansson-dev", "libmount-dev",
              "libncurses-dev", "libsmartcols-dev", "libsqlite3-dev", "lintian",
              "pkg-config", "scdoc")
    again = "make check-packages"
    build = jobs.checks("packages", f"{again} BOOT=no",
                        ("debian/changelog has dkms.conf's version",
                         changelog_version),
                        ("dpkg-buildpackage", build_packages),
                        ("lintian finds nothing", lintian))
    if not boot:
        return [build]
    HOST.need("install them in the guest", "bash-completion", "dkms", "fish",
              "man-db", "systemd", "zsh")
    return in_turn(build, jobs.guest(
        "packages in a guest", Machine(kernel, memory=3000, timeout=3600),
        [HERE / "packages-guest", PACKAGES], again))


def dkms_jobs():
    """
    DKMS as its users meet it: install, upgrade from the suite's oldest kernel to
    its newest, boot that, remove; a disk keeps what is done.
    """
    return [job for name in words("SUITES", "bookworm")
            for job in dkms_pair(name)]


def dkms_root(name):
    """The suite's root, with its oldest kernel, and its newest to upgrade to."""
    root = suite(name, f"dkms-{name}")
    series = kernels.series(root)
    old = kernels.debian(series[0], root)
    new = kernels.debian(series[-1], root, headers=False)
    root.need("have DKMS in the guest", "dkms", "openssl", "initramfs-tools")
    # The machine boots without it, and it takes an hour there.
    run(as_root(["tee", root.path / "etc/initramfs-tools/update-initramfs.conf"]),
        input=b"update_initramfs=no\n", stdin=None, stdout=subprocess.DEVNULL)
    # The checkout is seen in the guest; where its .cache may link to, is not.
    run(as_root(["install", "-D", "-t", root.path / "usr/share/shmstat/kselftest",
                 product.kselftest() / "kselftest/ktap_helpers.sh"]))
    root.apt_get("clean")
    root.apt_get("install", "--no-install-recommends", "--download-only",
                 f"linux-image-{new.name}", f"linux-headers-{new.name}")
    return root, old, new


def dkms_pair(name):
    root, old, new = dkms_root(name)
    disk = CACHE / f"dkms-{name}.disk"
    disk.unlink(missing_ok=True)
    run(["truncate", "-s", "6G", disk])
    run(["mkfs.ext4", "-q", disk])

    def boot(kernel, step, *arguments):
        return jobs.guest(
            f"{name} {step}",
            Machine(kernel, root.path, disk, memory=3000, timeout=7200),
            ["KSELFTEST_DIR=/usr/share/shmstat", HERE / "dkms-guest", step, TOP,
             *arguments], f"make check-dkms SUITES={name}")

    remove = boot(new, "remove")

    def remove_and_forget(log):
        try:
            remove.work(log)
        finally:
            disk.unlink()

    return in_turn(boot(old, "install", new.name),
                   dataclasses.replace(remove, work=remove_and_forget))


def build_job(built):
    """As users build: in the tree, and by the real DKMS on directories of its own."""
    HOST.need("build as users do", "dkms", "gcc", "git", "kmod", "libc6-dev",
              "libjansson-dev", "libmount-dev", "libncurses-dev",
              "libsmartcols-dev", "libsqlite3-dev", "make",
              "pkg-config")
    tree, dkms = CACHE / "build/tree", CACHE / "build/dkms"
    copy_tracked(fresh(tree))
    given = set(tree.rglob("*"))

    def make(kernel):
        output(["make", f"KDIR={kernel.kdir}"], cwd=tree,
               stderr=subprocess.STDOUT)
        magic = output(["modinfo", "-F", "vermagic", tree / "shmstat.ko"])
        return "" if magic.startswith(kernel.name + " ") else \
            f"it is for {magic}"

    def dkms_build(kernel):
        module = f"shmstat/{product.version()}"
        output(["make", "dkms-install", f"DESTDIR={fresh(dkms)}"], cwd=tree)
        (dkms / "tree").mkdir()
        output(["dkms", "build", module, "-k", kernel.name,
                "--kernelsourcedir", kernel.kdir, "--dkmstree", dkms / "tree",
                "--sourcetree", dkms / "usr/src"], stderr=subprocess.STDOUT)
        return "" if list((dkms / "tree" / module).glob(
            f"{kernel.name}/*/module/shmstat.ko*")) else "DKMS made no module"

    def clean():
        output(["make", "clean"], cwd=tree)
        return "\n".join(map(str, given ^ set(tree.rglob("*"))))

    pairs = [pair for kernel in built for pair in (
        (f"make for {kernel.name}", lambda k=kernel: make(k)),
        (f"dkms build for {kernel.name}", lambda k=kernel: dkms_build(k)))]
    return jobs.checks(
        "builds", "make check ALL=yes", *pairs,
        ("make tools", lambda: output(["make", "tools"], cwd=tree) and ""),
        ("make clean leaves nothing", clean))
