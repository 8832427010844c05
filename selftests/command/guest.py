# SPDX-License-Identifier: GPL-2.0
"""What the tests in the guest that are written in Python share: figures, processes."""
import array
import ctypes
import json
import mmap
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

LIBC = ctypes.CDLL(None, use_errno=True)
PAGE = mmap.PAGESIZE
SHMSTAT = sys.argv[3]
LIBC.mmap.restype = ctypes.c_void_p


def call(name, *arguments):
    """A function of libc, which has to succeed."""
    result = getattr(LIBC, name)(*arguments)
    if result == -1 or result == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), name)
    return result


def shmem():
    """What the kernel says, in pages; it counts per CPU, and this adds up."""
    pathlib.Path("/proc/sys/vm/stat_refresh").write_text("1")
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("Shmem:"):
            return int(line.split()[1]) * 1024 // PAGE
    raise AssertionError("no Shmem")


def settle():
    """Until it stays for a while: what was closed before is freed a little later."""
    value, same = shmem(), 0
    while same < 5:
        time.sleep(0.02)
        now = shmem()
        same = same + 1 if now == value else 0
        value = now
    return value


def comes_back(before, wanted):
    """How many pages do, in the end; a work queue frees some of it later."""
    for _ in range(50):
        gone = before - settle()
        if gone == wanted:
            break
    return gone


def shmstat(*arguments):
    """The document it writes."""
    return json.loads(subprocess.run(
        [SHMSTAT, *map(str, arguments), "-bJ"], capture_output=True,
        check=True).stdout)


def rows(table):
    """One of the kernel's own tables, a dictionary a row."""
    lines = pathlib.Path("/proc/shmstat", table).read_text().splitlines()
    names = lines[0].split()
    return [dict(zip(names, line.split())) for line in lines[1:]]


def equal(what, wanted, got):
    """Fails unless these are the same."""
    if wanted != got:
        raise AssertionError(f"{what}: wanted {wanted}, got {got}")


def send(sender, fds, data=b"x"):
    """Descriptors, in one message."""
    sender.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                             array.array("i", fds))])


def has_ended(pid):
    """Whether it has nothing any more; its parent may not have waited for it."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rsplit(")", 1)[1].split()[0] in "ZX"


def kill(pids):
    """All at once; until all have ended."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    while not all(map(has_ended, pids)):
        time.sleep(0.01)
    # Those whose parents have ended are ours.
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def run_checks(checks, tests):
    """Each with a name, a function that returns what is wrong, and its arguments."""
    for name, test, *arguments in tests:
        try:
            wrong = test(*arguments) or []
        except (AssertionError, OSError, subprocess.CalledProcessError) as error:
            wrong = [repr(error), repr(getattr(error, "stderr", ""))]
        checks.result(name, wrong)
