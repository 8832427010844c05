# SPDX-License-Identifier: GPL-2.0
"""Where things are, and how commands are run: what the whole rig shares."""
import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
SELFTESTS = TOP / "selftests"
CACHE = pathlib.Path(os.environ.get("SHMSTAT_CACHE", TOP / ".cache"))
CPUS = os.cpu_count()

# Tools of the administrator are not in everyone's path.
os.environ["PATH"] += ":/usr/sbin:/sbin"


class Failure(Exception):
    """Ends the run with a message; it needs no traceback."""


def note(text):
    print("#", text, file=sys.stderr, flush=True)


def run(argv, **options):
    """A command that must succeed; what it prints goes to standard error."""
    options.setdefault("stdout", sys.stderr)
    options.setdefault("stdin", subprocess.DEVNULL)
    argv = list(map(str, argv))
    try:
        return subprocess.run(argv, check=True, **options)
    except FileNotFoundError as error:
        raise Failure(f"there is no program '{argv[0]}'") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr or error.stdout or ""
        if isinstance(said, bytes):
            said = said.decode(errors="replace")
        raise Failure(f"{' '.join(argv[:4])} ... ended with "
                      f"{error.returncode}\n{said}".strip()) from error


# Commands that go on while others run; those that are left end with us.
RUNNING = set()


@contextlib.contextmanager
def started(argv, **options):
    """A command that goes on meanwhile; it is killed at the end."""
    process = subprocess.Popen(list(map(str, argv)), **options)
    RUNNING.add(process)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        RUNNING.discard(process)


def output(argv, **options):
    return run(argv, stdout=subprocess.PIPE, text=True, **options).stdout


def as_root(argv):
    """Some steps need root, a whole build does not."""
    if os.geteuid() == 0:
        return list(argv)
    if shutil.which("sudo"):
        return ["sudo", *argv]
    raise Failure(f"need root for: {' '.join(map(str, argv))}")


@contextlib.contextmanager
def lock(path):
    """Two runs may want to make the same thing at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def version_key(text):
    return [(0, int(part)) if part.isdigit() else (1, part)
            for part in re.findall(r"\d+|[^\d]+", str(text))]


def newest(paths):
    return max(paths, key=version_key, default=None)


def fresh(path):
    """An empty directory."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def number(name, default):
    """A whole number from the environment."""
    value = os.environ.get(name) or str(default)
    if not re.fullmatch("[1-9][0-9]*", value):
        raise Failure(f"{name} is a number from 1 on, not '{value}'")
    return int(value)


def words(name, default=""):
    return (os.environ.get(name) or default).split()


def copy_changed(source, target):
    """Copies a file unless it is the same, so that make sees what changed."""
    if not target.exists() or target.read_bytes() != source.read_bytes():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def tracked():
    """The project's own files, those not yet added included."""
    return [TOP / name for name in output(
        ["git", "-c", f"safe.directory={TOP}", "-C", TOP, "ls-files", "-z",
         "--cached", "--others", "--exclude-standard"]).split("\0")
        if name and (TOP / name).is_file()]
