# SPDX-License-Identifier: GPL-2.0
"""What the tests here that are written in Python print: KTAP."""


class Checks:
    """Checks, each with a list of what is wrong."""

    def __init__(self):
        self.count = self.failed = 0
        print("KTAP version 1", flush=True)

    def result(self, name, complaints):
        self.count += 1
        self.failed += bool(complaints)
        for complaint in complaints[:30]:
            for line in complaint.splitlines():
                print("#", line)
        print("not ok" if complaints else "ok", self.count, name, flush=True)

    def skip(self, name, reason):
        self.count += 1
        print("ok", self.count, name, "# SKIP", reason, flush=True)

    def end(self):
        """The plan; returns the exit status."""
        print(f"1..{self.count}")
        return int(self.failed > 0)
