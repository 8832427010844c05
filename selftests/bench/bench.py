# SPDX-License-Identifier: GPL-2.0
"""
Measures shmstat beside what one would use instead, in up to three places:

  counted   an emulated machine of one CPU whose clock counts instructions, one
            nanosecond each, so that ratios repeat
  native    User-mode Linux, at the speed of this machine
  shared    an emulated machine of two CPUs: one for the reader, one for the
            processes that it may disturb
"""
import datetime
import functools
import os
import pathlib
import sys

from bench import table, uml
from build import kernel as kernels
from build import product
from build.common import CACHE, TOP, Failure, fresh, note, number, run, words
from build.root import HOST
from vm import jobs
from vm.machine import Machine, run_in

HERE = pathlib.Path(__file__).resolve().parent
EXPECTED = HERE / "expected"
EXPECTED_HEADER = """# SPDX-License-Identifier: GPL-2.0
# Made by "WRITE=1 make check-bench": ratios of which both sides are kernel code,
# so that they repeat. Another kernel or compiler may need new ones.
"""
TOLERANCE = 1.1

# Bytes of a file, rising numbers of objects, processes and their descriptors,
# objects that three processes have open, and samples of each figure. QUICK runs
# no other programs for comparison.
SIZES = {"BYTES": 2 << 30, "OBJECTS": "1000 100000 1000000", "PROCESSES": 1000,
         "DESCRIPTORS": 100000, "CROWD": 1000000, "RUNS": 7, "QUICK": ""}
WATCHED_SIZES = {"BYTES": 256 << 20, "OBJECTS": "500 5000 20000",
                 "PROCESSES": 100, "DESCRIPTORS": 10000, "CROWD": 10000,
                 "RUNS": 5, "QUICK": 1}


def guest_command(kernel, sizes, parts, *arguments):
    """Builds what measures the parts; returns the command for the guest."""
    HOST.need("compare", "gcc", "libc6-dev", "lsof", "make", "procps", "util-linux", "util-linux-extra")
    mm = kernels.source() / "tools/mm"
    run(["make", "-s", "-C", mm, "page-types"])
    return ["env", *(f"{name}={value}" for name, value in sizes.items()),
            HERE / "guest", product.module(kernel, *arguments),
            product.external(kernel, HERE / "limit", *arguments),
            product.program(HERE / "bench.c"), mm / "page-types",
            product.command(), *parts]


def in_debian(sizes, *parts, **options):
    """A function that measures the parts in a virtual machine."""
    kernel = kernels.debian(kernels.SOURCE)
    machine = Machine(kernel, timeout=5400, **options)
    command = guest_command(kernel, sizes, parts)
    return lambda line, out: run_in(machine, command, line, out)


def in_uml(sizes, name, configs, *parts):
    """A function that measures the parts in User-mode Linux."""
    HOST.need("run User-mode Linux", "busybox-static", "mount")
    kernel = kernels.custom(name, "um", *(HERE / file for file in configs))
    command = guest_command(kernel, sizes, parts, "ARCH=um")
    return lambda line, out: uml.run_in(kernel, command, line, out)


PLACES = {
    "counted": lambda sizes: [
        in_debian(sizes, "walk", "inventory", "holders", counted=True, cpus=1,
                  memory=6000)],
    # Lock events slow down what they measure: they get a kernel of their own.
    "native": lambda sizes: [
        in_uml(sizes, "uml-locks", ["uml.config", "locks.config"], "locks"),
        in_uml(sizes, "uml", ["uml.config"], "walk", "inventory", "holders",
               "crowd", "latency")],
    "shared": lambda sizes: [in_debian(sizes, "disturbance", memory=2000)],
}


def measure(runs, out, line):
    """Runs each; returns their figures, and the name of the machine."""
    fresh(out)
    text = ""
    for measure_parts in runs:
        ended = measure_parts(line, out)
        if ended.failed:
            raise Failure("\n".join([
                *ended.why, f"the benchmark ended with {ended.status}",
                *ended.console()]))
        text += (out / "figures").read_text()
    (out / "figures").write_text(text)
    return table.Figures(text), (out / "machine").read_text().strip()


def wanted_sizes():
    """Those of the environment, by default SIZES."""
    objects = words("OBJECTS", SIZES["OBJECTS"])
    if len(objects) > 3 or not all(
            text.isdecimal() and int(text) > 0 for text in objects) or \
            objects != sorted(set(objects), key=int):
        raise Failure("OBJECTS is up to three rising numbers, not "
                      f"'{' '.join(objects)}'")
    sizes = {name: number(name, default) for name, default in SIZES.items()
             if isinstance(default, int)}
    return {**sizes, "OBJECTS": " ".join(objects),
            "QUICK": os.environ.get("QUICK", "")}


def bench():
    """Prints a table a place; with default sizes, also updates benchmarks.txt."""
    sizes, places = wanted_sizes(), words("PLACES", " ".join(PLACES))
    for place in places:
        if place not in PLACES:
            raise Failure(f"no place '{place}'; there are: {' '.join(PLACES)}")
    command = product.command()
    runs = {place: PLACES[place](sizes) for place in places}
    whole = sizes == SIZES
    for place in places:
        note(f"measuring: {place}")
        out = CACHE / f"bench/{place}{'' if whole else '-sample'}"
        figures, machine = measure(runs[place], out, functools.partial(
            print, file=sys.stderr, flush=True))
        text = (f"\n{place}: {machine}, {datetime.date.today()}\n"
                f"{table.text(figures, place)}\n")
        (out / "table").write_text(text)
        print(text, end="", flush=True)
    if whole:
        tables = [CACHE / f"bench/{place}/table" for place in PLACES]
        (TOP / "Documentation/benchmarks.txt").write_text(
            "SPDX-License-Identifier: GPL-2.0\n"
            'Made by "make bench": not to be edited.\n' +
            "".join(path.read_text() for path in tables if path.exists()))
    return jobs.run_all([jobs.program(
        "command speed", [HERE / "command", command], "make bench",
        OBJECTS="1000000" if whole else "100000")], CACHE / "bench/command")


def watch_job():
    """Compares ratios with those in "expected"; WRITE=1 makes that file anew."""
    runs = PLACES["counted"](WATCHED_SIZES)

    def work(log):
        figures, machine = measure(runs, CACHE / "bench/watched", log.line)
        now = table.ratios(figures)
        expected = {key: float(ratio) for key, ratio in (
            line.split() for line in EXPECTED.read_text().splitlines()
            if not line.startswith("#"))}
        if os.environ.get("WRITE"):
            expected.update((key, now[key]) for key in expected if key in now)
            EXPECTED.write_text(f"{EXPECTED_HEADER}# {machine}\n" + "".join(
                f"{key} {ratio:.4f}\n" for key, ratio in expected.items()))
        log.line("KTAP version 1")
        log.line(f"1..{len(expected)}")
        for nr, (key, ratio) in enumerate(expected.items(), 1):
            good = 0 < now.get(key, 0) <= ratio * TOLERANCE
            said = f"{now[key]:.4f}" if key in now else "not measured"
            log.line(f"{'ok' if good else 'not ok'} {nr} {key} {said}, "
                     f"expected {ratio:.4f}")
        log.tally.end()
    return jobs.Job("benchmark", work, "make check-bench")


def check_bench():
    return jobs.run_all([watch_job()], CACHE / "check-bench")
