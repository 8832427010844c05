# SPDX-License-Identifier: GPL-2.0
"""Streams of results, and what the counter has to make of them."""
from vm.complaints import complaints
from vm.ktap import Tally

# (what is printed, exit status, passed, failed, skipped)
STREAMS = (
    ("ok 1 a\nnot ok 2 b\nok 3 c # SKIP no swap\n1..3", 1, 1, 1, 1),
    # A subtest counts by its cases.
    ("1..1\n    # Subtest: p\n    1..2\n    ok 1 x\n    not ok 2 y\nnot ok 1 p",
     1, 1, 1, 0),
    ("1..1\n    # Subtest: p\n    1..1\n    ok 1 x\nnot ok 1 p", 1, 1, 1, 0),
    # It died: its other case, and the other subtest.
    ("1..2\n    # Subtest: p\n    1..2\n    ok 1 x", 0, 1, 3, 0),
    ("1..3\nok 1 a", 0, 1, 2, 0),
    ("ok 1 a", 3, 1, 1, 0),
    ("not ok - a", 0, 0, 1, 0),
    ("", 0, 0, 1, 0),
    ("", 1, 0, 1, 0),
)

# (a kernel's log, the steps that it complains in)
LOGS = (
    ("WARNING: mine\nshmstat-vm: begin\nok", [None]),
    ("shmstat-vm: begin\nshmstat-vm: step a\nBUG: KASAN: x\n"
     "shmstat-vm: step b\nkmemleak: 1 new suspected memory leaks", ["a", "b"]),
    ("shmstat-vm: begin\nBUG: KCSAN: data-race in f / g", []),
    ("shmstat-vm: begin\nBUG: KCSAN: data-race in f [shmstat] / g", [""]),
)


def wrong():
    """What is counted otherwise; "" if nothing is."""
    found = []
    for text, status, *wanted in STREAMS:
        tally = Tally()
        for line in text.splitlines():
            tally.line(line)
        tally.end(status)
        counted = [tally.passed, tally.failed, tally.skipped]
        if counted != wanted:
            found.append(f"{text!r}: {counted}, not {wanted}")
    for text, wanted in LOGS:
        steps = [step for step, _ in complaints(text)]
        if steps != wanted:
            found.append(f"{text!r}: {steps}, not {wanted}")
    return "\n".join(found)
