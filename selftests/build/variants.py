# SPDX-License-Identifier: GPL-2.0
"""Builds the module for kernels that lack what most have, and by LLVM."""
import re
import shutil
import subprocess

from build import kernel as kernels
from build import product
from build.common import CACHE, CPUS, Failure, fresh, note, run, words
from build.root import HOST

SWITCHES = ("MEMCG", "NUMA", "SWAP", "SYSVIPC", "IPC_NS", "HUGETLBFS",
            "TRANSPARENT_HUGEPAGE", "DEBUG_FS", "DRM", "SMP")


def configure(source, build, without, arguments):
    """defconfig with all switches on but one, which has to stay off."""
    edits = []
    for switch in ("CGROUPS", "SHMEM", "TMPFS", "NAMESPACES", *SWITCHES):
        edits += ["-e", switch]
    if without:
        edits += ["-d", without]
    # It would select DEBUG_FS.
    edits += ["-d", "BLK_DEV_IO_TRACE"]
    make = ["make", "-s", f"-j{CPUS}", "-C", source, f"O={build}", *arguments]
    build.mkdir(parents=True, exist_ok=True)
    run([*make, "defconfig"])
    run([source / "scripts/config", "--file", build / ".config", *edits])
    run([*make, "olddefconfig"])
    config = (build / ".config").read_text()
    on = {switch for switch in SWITCHES if f"\nCONFIG_{switch}=" in config}
    if without in on:
        raise Failure(f"CONFIG_{without} cannot be put out")
    for switch in set(SWITCHES) - on - {without}:
        note(f"without {switch} too")
    run([*make, "modules_prepare"])


def build(series, without, *arguments):
    """
    Returns what the compiler warns of. A prepared tree knows no exports, so
    which symbols there are is not checked.
    """
    out = CACHE / "builds" / f"{series}{'-llvm' if arguments else ''}"
    configure(kernels.source(series), out, without, arguments)
    try:
        text = run_build(kernels.Kernel(series, out, None), arguments)
    finally:
        if arguments:
            shutil.rmtree(out)
    return "\n".join(re.findall(r".*(?:warning|error):.*", text))


def run_build(kernel, arguments):
    log = CACHE / "builds" / f"{kernel.kdir.name}.log"
    with open(log, "w") as said:
        try:
            product.module(kernel, *arguments, "W=1", "KBUILD_MODPOST_WARN=1",
                           directory=fresh(CACHE / "builds/module"),
                           stdout=said, stderr=subprocess.STDOUT)
        except Failure as failure:
            raise Failure(log.read_text()) from failure
    return log.read_text()


def variant_checks():
    """(name, function) of each build."""
    HOST.need("build for prepared kernels", "bc", "bison", "flex", "gcc",
              "make", "libelf-dev", "libssl-dev", "clang", "lld", "llvm")
    pairs = []
    for series in words("KERNELS", "6.1 6.12"):
        pairs.append((series, lambda s=series: build(s, None)))
        for switch in words("WITHOUT") or SWITCHES:
            if switch not in SWITCHES:
                raise Failure(f"no option '{switch}'; there are: "
                              f"{' '.join(SWITCHES)}")
            pairs.append((f"{series} without {switch}",
                          lambda s=series, w=switch: build(s, w)))
        pairs.append((f"{series} with LLVM=1",
                      lambda s=series: build(s, None, "LLVM=1")))
    return pairs
