# SPDX-License-Identifier: GPL-2.0
"""Writes Documentation/kernels.rst from what "make check-kernels" printed."""
import re
import subprocess
import textwrap
import time

from build.common import CACHE, TOP

HEAD = """\
.. SPDX-License-Identifier: GPL-2.0
.. Made by "make check-kernels": not to be edited.

=======================
Kernels that were tried
=======================

The newest kernel of each series that Debian offers with headers, on {date},
each built by its suite's own compiler and run through all selftests.

{table}

What was skipped, and why
=========================

{skips}
"""
COLUMNS = ("suite", "kernel", "compiler", "passed", "failed", "skipped")


def compiler(release):
    """What built the module."""
    text = subprocess.run(
        ["readelf", "-p", ".comment", CACHE / "build" / release / "shmstat.ko"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    found = re.search(r"GCC: \(.*\) ([0-9.]+)", text)
    return f"gcc {found[1]}" if found else "-"


def grid(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    rule = "  ".join("=" * width for width in widths)
    lines = ["  ".join(cell.ljust(width) if i < 3 else cell.rjust(width)
                       for i, (cell, width) in enumerate(zip(row, widths)))
             for row in rows]
    return "\n".join(line.rstrip() for line in
                     [rule, lines[0], rule, *lines[1:], rule])


def skips(logs):
    """Reasons for a skip, each with its programs and kernels."""
    reasons = {}
    for release, text in logs.items():
        for test, why in re.findall(r"^ +ok \d+ ([^ .]+)\S* # SKIP (.*)", text,
                                    re.M):
            tests, on = reasons.setdefault(why, ({}, {}))
            tests[test] = on[release] = None
    return "\n".join(textwrap.fill(
        f"- {why}: {', '.join(tests)}; on "
        f"{'all' if len(on) == len(logs) else ', '.join(on)}", 78,
        subsequent_indent="  ") for why, (tests, on) in reasons.items())


def write(directory, kernels, results, missing):
    """
    kernels: a Kernel by "SUITE/SERIES", results: the Tally of each that ran,
    missing: why one could not be had.
    """
    rows, logs = [COLUMNS], {}
    for name, kernel in kernels.items():
        tally = results[name]
        logs[kernel.name] = (directory / name.replace("/", "-")).read_text()
        rows.append((name.split("/")[0], kernel.name, compiler(kernel.name),
                     *map(str, (tally.passed, tally.failed, tally.skipped))))
    for name in missing:
        where, series = name.split("/")
        rows.append((where, f"{series}: cannot be downloaded", "-", "0", "0",
                     "1"))
    (TOP / "Documentation/kernels.rst").write_text(HEAD.format(
        date=time.strftime("%Y-%m-%d"), table=grid(rows), skips=skips(logs)))
