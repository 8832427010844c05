# SPDX-License-Identifier: GPL-2.0
"""Runs jobs side by side, each of which prints KTAP, and sums up."""
import concurrent.futures
import dataclasses
import os
import pathlib
import signal
import subprocess
import threading
import time
import traceback
import typing

from build.common import CPUS, RUNNING, Failure, fresh, note, number, started
from build.product import kselftest
from vm.ktap import Tally
from vm.machine import need_qemu, run_in


class FirstFailure(Exception):
    """Ends a job of which no more is wanted."""


class Log:
    """
    What one job prints: to a file, and to us if no other job runs.
    @stop: end the job at its first failure
    """

    def __init__(self, path, live, stop=False):
        self.tally = Tally()
        self.live = live
        self.stop = stop
        self.path = path
        self.file = open(path, "w", buffering=1)

    def line(self, text):
        self.tally.line(text)
        print(text, file=self.file)
        if self.live:
            print("    " + text if text else "", flush=True)
        if self.stop and self.tally.failures:
            raise FirstFailure

    def comment(self, text):
        for line in text.splitlines():
            self.line("# " + line)

    def ended(self, ended):
        """A machine has ended: what its kernel says counts as well."""
        self.tally.end(ended.status)
        pathlib.Path(f"{self.path}.console").write_text(ended.log)
        for why in ended.why:
            self.fail(why)
        if ended.why:
            self.comment("\n".join(ended.console()))

    def fail(self, why):
        self.comment(why)
        self.tally.add_failure(why.splitlines()[0] if why else "failed")


@dataclasses.dataclass
class Job:
    """
    @work: called with a Log
    @again: the command that runs it again
    @programs: its subtests are test programs, which can run alone
    """
    name: str
    work: typing.Callable
    again: str = ""
    programs: bool = False

    def again_for(self, program, case):
        if self.programs and program:
            case = case.rpartition(".")[2]
            return f"{self.again} TESTS={program}" + (
                f" CASE={case}" if case.isidentifier() else "")
        return self.again


def program(name, argv, again="", **environment):
    """A job that is a command of this machine."""
    def work(log):
        with started(argv, env={**os.environ, **environment}, text=True,
                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                     stderr=subprocess.STDOUT, errors="replace",
                     start_new_session=log.stop) as process:
            try:
                for line in process.stdout:
                    log.line(line.rstrip("\n"))
            except FirstFailure:
                end_session(process)
                raise
            log.tally.end(process.wait())
    return Job(name, work, again)


def end_session(process):
    """Lets a program and what it has started clean up."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def guest(name, machine, command, again="", programs=False, out=None):
    """
    A job that is a command in a virtual machine; machine may be a function that
    makes it when its turn comes.
    """
    need_qemu()

    def work(log):
        there = machine() if callable(machine) else machine
        argv = command() if callable(command) else command
        log.ended(run_in(there, ["env", f"KSELFTEST_DIR={kselftest()}", *argv],
                         log.line, out))
    return Job(name, work, again, programs)


def checks(name, again, *pairs):
    """
    A job of checks, each a name and a function that returns what is wrong, or
    nothing.
    """
    def work(log):
        log.line("KTAP version 1")
        log.line(f"1..{len(pairs)}")
        for nr, (check, function) in enumerate(pairs, 1):
            try:
                why = function()
            except Failure as failure:
                why = str(failure)
            log.comment("\n".join((why or "").splitlines()[-60:]))
            log.line(f"{'not ok' if why else 'ok'} {nr} {check}")
        log.tally.end()
    return Job(name, work, again)


def machines_that_fit():
    """One a CPU, but none that has no memory."""
    pages = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(CPUS, pages // (5 << 30)))


def run_all(jobs, logs, results=None):
    """
    Runs them, prints all, and returns the exit status; results, a dictionary,
    gets the Tally of each by its name.
    """
    if not jobs:
        raise Failure("nothing to run")
    os.environ["KSELFTEST_DIR"] = str(kselftest())
    side_by_side = min(number("JOBS", machines_that_fit()), len(jobs))
    fresh(logs)
    turn = threading.Lock()
    results = {} if results is None else results
    print("KTAP version 1")
    print(f"1..{len(jobs)}", flush=True)

    def one(job):
        start = time.monotonic()
        log = Log(logs / job.name.replace("/", "-").replace(" ", "-"),
                  side_by_side == 1)
        if log.live:
            print(f"    # Subtest: {job.name}", flush=True)
        else:
            note(f"{job.name}: started")
        try:
            job.work(log)
        except Failure as failure:
            log.fail(str(failure))
        except Exception:  # pylint: disable=broad-except
            log.comment(traceback.format_exc())
            log.fail("the rig itself failed, see above")
        with turn:
            results[job.name] = log.tally
            if not log.live:
                print(f"    # Subtest: {job.name}")
                for line in log.path.read_text().splitlines():
                    print("    " + line if line else "")
            print(f"# {job.name}: {log.tally}, "
                  f"{time.monotonic() - start:.0f} s")
            print(f"{'not ok' if log.tally.failed else 'ok'} {len(results)} "
                  f"{job.name}", flush=True)

    with concurrent.futures.ThreadPoolExecutor(side_by_side) as pool:
        try:
            list(pool.map(one, jobs))
        except BaseException:
            # Interrupted: no job is started any more, and those that run end.
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(RUNNING):
                process.kill()
            raise
    return sum_up(jobs, results)


def sum_up(jobs, results):
    """What failed, a line each, with what runs just that again; then the sum."""
    total = Tally()
    for job in jobs:
        tally = results[job.name]
        for subtest, case in tally.failures:
            print(f"# failed: {': '.join(filter(None, (job.name, subtest, case)))}"
                  f" -- again: {job.again_for(subtest, case)}")
        total.passed += tally.passed
        total.failed += tally.failed
        total.skipped += tally.skipped
    print(total, flush=True)
    return int(total.failed > 0 or not total.passed)
