# SPDX-License-Identifier: GPL-2.0
"""
Makes mistakes in the module and the command, one at a time, and says which of
them no test finds.
"""
import concurrent.futures
import dataclasses
import functools
import os
import pathlib
import random
import re
import secrets
import shutil
import sys
import threading
import time
import typing

from build import product
from build.common import (CACHE, CPUS, RUNNING, SELFTESTS, TOP, Failure, fresh,
                          number, run,
                          words)
from mutants.rules import enum_members, mutants_of
from vm import jobs

EQUIVALENT = SELFTESTS / "mutants/equivalent"
LOGS = CACHE / "check-mutants"
# The share of mistakes that have to be found, in module and command each.
SHARE = 0.9


@dataclasses.dataclass
class Area:
    """
    What mistakes are made in.
    @sources: files below the project's directory that a build of it needs
    @build: called with a directory that has the sources; the programs it makes
    @tests: called with these programs, the mutant (or None), and a directory for
            more; jobs in the order to run them in, until one fails
    """
    name: str
    sources: typing.Callable
    build: typing.Callable
    tests: typing.Callable

    @property
    def directory(self):
        return CACHE / "mutants" / self.name

    def files(self):
        return sorted(path for path in self.sources() if path.suffix in (".c", ".h"))

    @property
    def work(self):
        return self.directory / "build"

    def prepare(self):
        """Builds it without a mistake; each build with one starts from there."""
        fresh(self.directory)
        for path in self.sources():
            (self.work / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TOP / path, self.work / path)
        built = self.build(self.work)
        self.right = machine_code(built[0])
        shutil.copytree(self.work, self.directory / "right", symlinks=True)
        return built

    def copy_built(self, built, directory):
        for nr, path in enumerate(built):
            fresh(directory / f"built-{nr}")
        return [pathlib.Path(shutil.copy2(path, directory / f"built-{nr}"))
                for nr, path in enumerate(built)]

    def make(self, mutant, directory):
        """
        Builds it with a mistake into a directory. Nothing comes of one that does
        not compile, or that the compiler makes the same of.
        """
        shutil.rmtree(self.work)
        shutil.copytree(self.directory / "right", self.work, symlinks=True)
        (self.work / mutant.path).write_text(mutant.text())
        (directory / "diff").write_text(mutant.diff() + "\n")
        with open(directory / "build", "w") as said:
            try:
                built = self.build(self.work, stdout=said, stderr=said)
            except Failure:
                return None
        if machine_code(built[0]) == self.right:
            return None
        return self.copy_built(built, directory)


def machine_code(path):
    """What a program does, without where its lines are, or a hash of them."""
    stripped = path.with_suffix(".stripped")
    run(["objcopy", "--strip-debug", "--remove-section=.note.gnu.build-id",
         "--remove-section=.BTF*", "--remove-section=.modinfo", path, stripped])
    return stripped.read_bytes()


def module_area(kernel, tests):
    """@tests: called with a module, the mutant and a directory: jobs"""
    def sources():
        return [path.relative_to(TOP) for path in
                (TOP / "Kbuild", TOP / "dkms.conf", *TOP.glob("module/**/*.[ch]"))]

    def build(directory, **options):
        run(["make", "-s", f"-j{CPUS}", "-C", kernel.kdir, f"M={directory}",
             "modules"], **options)
        return [directory / "shmstat.ko"]

    return Area("module", sources, build, tests)


def module_for(kernel, mutant, directory):
    """The module with a mistake for one kernel more."""
    def edit(build):
        if mutant:
            (build / mutant.path).write_text(mutant.text())

    return product.module(kernel, directory=directory / kernel.name, edit=edit)


def command_area(tests):
    """
    @tests: called with a command, one with sanitizers, the mutant and a
            directory: jobs
    """
    def sources():
        return [path.relative_to(TOP) for path in
                (TOP / "dkms.conf", TOP / "tools/Makefile",
                 *TOP.glob("tools/**/*.[ch]"))]

    def build(directory, **options):
        return [product.command(directory / "plain", top=directory, **options),
                product.sanitized_command(directory / "sanitized",
                                          top=directory, **options)]

    return Area("command", sources, build, tests)


def equivalent():
    """
    Mistakes that change nothing that anyone could see: path, old and new line of
    each, from a file that gives the reason of each.
    """
    return {(path, old.strip(), new.strip()) for path, old, new in re.findall(
        r"^(\S+)\n-(.*)\n\+(.*)$", EQUIVALENT.read_text(), re.M)}


def draw(areas, files, seed):
    """
    Numbered mistakes in random order, with their areas: as many of each area and
    of each rule. The same seed gives the same of the same sources.
    """
    chance = random.Random(seed)
    known = equivalent()
    members = enum_members(sorted(TOP.glob("module/**/*.[ch]")) +
                           sorted(TOP.glob("tools/**/*.[ch]")))
    rest = {}
    for area in areas:
        rules = rest.setdefault(area.name, {})
        for path in area.files():
            for mutant in mutants_of(path, members) if not files or \
                    str(path) in files else ():
                rules.setdefault(mutant.rule, []).append(mutant)
        for rule in sorted(rules):
            chance.shuffle(rules[rule])
    number_of = 0
    while any(map(len, rest.values())):
        for area in areas:
            rules = rest[area.name]
            if rules:
                rule = chance.choice(sorted(rules))
                number_of += 1
                mutant = rules[rule].pop()
                # Numbered all the same, so that a new entry changes no number.
                if (str(mutant.path), mutant.old.strip(), mutant.new.strip()) \
                        not in known:
                    yield number_of, area, mutant
                if not rules[rule]:
                    del rules[rule]


class Verdicts:
    """What became of each mistake, said as it comes."""

    def __init__(self, again):
        self.again = again
        self.turn = threading.Lock()
        self.count = 0
        # By area, whether each was found.
        self.found = {}

    def line(self, good, text):
        self.count += 1
        print(f"{'ok' if good else 'not ok'} {self.count} {text}")

    def add(self, nr, area, mutant, why, seconds):
        with self.turn:
            self.found.setdefault(area.name, []).append(bool(why))
            self.line(why, f"{nr} {mutant}, {seconds:.0f} s: "
                      f"{why or 'no test finds it'}")
            if not why:
                for line in mutant.diff().splitlines():
                    print("#", line)
                print(f"# again: {self.again} MUTANTS={nr}")
            sys.stdout.flush()

    def add_right(self, area, why, seconds):
        with self.turn:
            self.line(not why, f"{area.name} without a mistake, "
                      f"{seconds:.0f} s{why and ': '}{why}")
            sys.stdout.flush()

    def sum_up(self):
        """The exit status; the last line counts mistakes alone."""
        enough = True
        for name, found in self.found.items():
            share = sum(found) / len(found)
            enough = enough and share >= SHARE
            print(f"# {name}: {sum(found)} of {len(found)} found, "
                  f"{share * 100:.0f} %; {SHARE * 100:.0f} % are wanted")
        every = sum(self.found.values(), [])
        print(f"{sum(every)} passed, {len(every) - sum(every)} failed",
              flush=True)
        return int(not enough or not every)


def first_failure(area, mutant, built, directory):
    """What the tests find, in a few words."""
    for job in area.tests(*built, mutant, directory):
        log = jobs.Log(directory / re.sub(r"[^\w.]+", "-", job.name), live=False,
                       stop=True)
        try:
            job.work(log)
        except jobs.FirstFailure:
            pass
        except Failure as failure:
            log.fail(str(failure))
        if log.tally.failures:
            return ": ".join(filter(None, (job.name, *log.tally.failures[0])))
    return ""


def try_all(areas, drawn, count, verdicts):
    """Builds one after the other, and tests as many at once as there are CPUs."""
    side_by_side = number("JOBS", jobs.machines_that_fit())
    free = threading.Semaphore(side_by_side)
    broken = []

    def submit(area, mutant, built, directory, done):
        def work():
            start = time.monotonic()
            try:
                why = first_failure(area, mutant, built, directory)
                if not broken:
                    done(why, time.monotonic() - start)
                for path in directory.iterdir():
                    if path.is_dir():
                        shutil.rmtree(path)
            except BaseException as error:
                broken.append(error)
                raise
            finally:
                free.release()

        free.acquire()
        if broken:
            raise Failure("the tests could not be run") from broken[0]
        pool.submit(work)

    def submit_all():
        for area in areas:
            directory = fresh(LOGS / area.name)
            submit(area, None, area.copy_built(area.prepare(), directory),
                   directory, functools.partial(verdicts.add_right, area))
        left = count
        for nr, area, mutant in drawn:
            directory = fresh(LOGS / str(nr))
            built = area.make(mutant, directory)
            if built:
                submit(area, mutant, built, directory,
                       functools.partial(verdicts.add, nr, area, mutant))
                left -= 1
            if not left:
                break

    with concurrent.futures.ThreadPoolExecutor(side_by_side) as pool:
        try:
            submit_all()
        except BaseException:
            # Interrupted: what runs ends, and nothing more is started.
            broken.append(None)
            for process in list(RUNNING):
                process.kill()
            raise
    if broken:
        raise broken[0]


def check_mutants(areas):
    """N mistakes, drawn with SEED, in FILES; or those of them in MUTANTS."""
    count = number("N", 20)
    seed = os.environ.get("SEED") or str(secrets.randbelow(1 << 32))
    files = words("FILES")
    every = {str(path): area for area in areas for path in area.files()}
    for file in files:
        if file not in every:
            raise Failure(f"no file '{file}' to make mistakes in; there are: "
                          f"{' '.join(every)}")
    if files:
        areas = [area for area in areas
                 if any(every[file] is area for file in files)]
    drawn = draw(areas, files, seed)
    again = f"make check-mutants SEED={seed}" + (
        f' FILES="{" ".join(files)}"' if files else "")
    if wanted := words("MUTANTS"):
        drawn = [one for one in drawn if str(one[0]) in wanted]
        if len(drawn) < len(wanted):
            raise Failure("MUTANTS are numbers that a run with this SEED has "
                          f"printed, not '{' '.join(wanted)}'")
    os.environ["KSELFTEST_DIR"] = str(product.kselftest())
    fresh(LOGS)
    print("KTAP version 1")
    print(f"# {again} N={count}", flush=True)
    verdicts = Verdicts(again)
    try_all(areas, drawn, count, verdicts)
    return verdicts.sum_up()
