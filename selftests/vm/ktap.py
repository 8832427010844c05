# SPDX-License-Identifier: GPL-2.0
"""Reads KTAP, the kernel's test protocol, and counts results."""
import re

RESULT = re.compile(r"( *)(?:(not )ok\b|ok (?=\d)) ?\d* ?-? ?(.*)")
PLAN = re.compile(r"( *)1\.\.(\d+)")
SKIP = re.compile(r"# *SKIP", re.I)
INDENT = 4


SUBTEST = re.compile(r"( *)# Subtest: (.*)")


class Level:
    """Results of one depth since the last result of the depth above."""

    def __init__(self):
        self.name = ""
        self.planned = self.seen = self.failed = 0


class Tally:
    """
    Counts the cases of a stream of lines. A result that sums up a subtest is
    counted only where it failed and none of its cases did. Cases that a plan
    names and that never came have failed.
    """

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        # Each as (subtest, case).
        self.failures = []
        self.levels = []

    def level(self, depth):
        while len(self.levels) <= depth:
            self.levels.append(Level())
        return self.levels[depth]

    def fail(self, depth, case):
        self.failed += 1
        self.level(depth).failed += 1
        self.failures.append((self.level(depth).name, case))

    def close(self, depth):
        """Ends all levels from depth on; whether there were any, and failures."""
        seen = failed = 0
        while len(self.levels) > depth:
            last = len(self.levels) - 1
            level = self.levels[last]
            if level.seen < level.planned:
                missing = level.planned - level.seen
                self.fail(last, f"{missing} of {level.planned} did not end")
                self.failed += missing - 1
                level.seen = level.planned
            seen += level.seen
            failed += level.failed
            self.levels.pop()
        return seen, failed

    def line(self, text):
        if found := SUBTEST.match(text):
            self.level(len(found[1]) // INDENT).name = found[2]
        elif found := PLAN.match(text):
            self.level(len(found[1]) // INDENT).planned = int(found[2])
        elif found := RESULT.match(text):
            self.result(len(found[1]) // INDENT, bool(found[2]), found[3])

    def result(self, depth, bad, name):
        below, failed_below = self.close(depth + 1)
        level = self.level(depth)
        level.seen += 1
        if bad and not failed_below:
            self.fail(depth, name)
        elif below:
            level.failed += failed_below
        elif SKIP.search(name):
            self.skipped += 1
        else:
            self.passed += 1

    def end(self, status=0):
        """The stream is over; its writer's status may tell of one failure more."""
        self.close(0)
        if status and not self.failed:
            self.add_failure(f"ended with status {status}")
        if not self.passed + self.failed + self.skipped:
            self.add_failure("no results")

    def add_failure(self, why):
        self.failed += 1
        self.failures.append(("", why))

    def __str__(self):
        return (f"{self.passed} passed, {self.failed} failed, "
                f"{self.skipped} skipped")
