# SPDX-License-Identifier: GPL-2.0
"""Checks of the sources."""
import re
import subprocess

from build import kernel as kernels
from build import product
from build.common import (CACHE, SELFTESTS, TOP, Failure, fresh, tracked)
from build.root import HOST
from vm import ktap_cases

# Rules of checkpatch that cannot be met: out of tree there is no MAINTAINERS to
# update; one source builds for several kernels, told apart in compat.h alone;
# programs have no BIT(), u32, strscpy(), ARRAY_SIZE() or __printf(), nor a reason
# against volatile. The command has macros for entries that several lists share.
# The tests have functions named after the files they read, and what kselftest's
# macros do with sscanf() and their arguments is not seen.
IGNORED = (
    ("module/compat.h", "LINUX_VERSION_CODE,CONSTANT_COMPARISON"),
    ("selftests/", "ARRAY_SIZE,BIT_MACRO,PREFER_KERNEL_TYPES,STRCPY,VOLATILE,"
     "EMBEDDED_FUNCTION_NAME,NAKED_SSCANF,MACRO_ARG_REUSE"),
    ("tools/", "STRCPY,ARRAY_SIZE,PREFER_DEFINED_ATTRIBUTE_MACRO,VOLATILE,"
     "COMPLEX_MACRO,EMBEDDED_FUNCTION_NAME"),
)

# What the kernel wrote is no work of ours; the others have no comments.
NO_SPDX = re.compile("COPYING$|selftests/command/proc/|debian/changelog$|"
                     "debian/copyright$|debian/source/format$")


def said(argv, **options):
    """(whether it succeeded, what it printed)."""
    done = subprocess.run(list(map(str, argv)), cwd=TOP, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, errors="replace", **options)
    return done.returncode == 0, done.stdout


def unless_silent(argv):
    good, text = said(argv)
    return "" if good and not text else text or f"{argv[0]} failed"


def name(path):
    return str(path.relative_to(TOP))


def checkpatch(sources):
    script = kernels.source() / "scripts/checkpatch.pl"
    wrong = []
    for path in sources:
        ignored = next((rules for start, rules in IGNORED
                        if name(path).startswith(start)), "")
        good, text = said(["perl", script, "--strict", "--no-tree",
                           "--no-summary", "--terse", "--show-types",
                           "--ignore", f"FILE_PATH_CHANGES,{ignored}",
                           "-f", name(path)])
        lines = path.read_text().splitlines()
        for message in text.splitlines():
            # kselftest's FIXTURE_DATA(x) *self is taken for a multiplication.
            if "around that '*'" in message and \
                    "FIXTURE_DATA(" in lines[int(message.split(":")[1]) - 1]:
                continue
            # Those of <inttypes.h>.
            if re.search("CamelCase: <(PRI|SCN)[a-z][0-9]+>", message):
                continue
            wrong.append(message)
        if not good and not text:
            wrong.append(f"{name(path)}: checkpatch failed")
    return "\n".join(wrong)


def kernel_doc(sources):
    script = kernels.source() / "scripts/kernel-doc"
    return unless_silent(["perl", script, "-none", "-Wall", *map(name, sources)])


def warnings(build, *arguments, **options):
    """What a build warns of; the kernel's own headers are not ours to mend."""
    log = CACHE / "lint.log"
    try:
        with open(log, "w") as file:
            build(*arguments, stdout=file, stderr=subprocess.STDOUT, **options)
        failed = ""
    except Failure as failure:
        failed = str(failure)
    found = [line for line in log.read_text().splitlines()
             if re.search(r"\b(warning|error|Error)\b", line) and
             not re.match(r"/usr/src/linux-headers-|\./|include/|arch/", line)]
    return "\n".join(found) or failed


def circles():
    """Of the objects that the builds before left, and of headers."""
    return unless_silent([SELFTESTS / "build/circles",
                          CACHE / "lint/module/module", CACHE / "lint/tools",
                          "--sources", TOP / "module", TOP / "tools"])


def spdx(files):
    tag = "SPDX-License-Identifier: GPL-2.0"
    return "\n".join(f"{name(path)}: no SPDX line" for path in files
                     if not NO_SPDX.match(name(path)) and
                     tag not in "".join(path.read_text(
                         errors="replace").splitlines(True)[:3]))


def trailing_space(files):
    return "\n".join(
        f"{name(path)}:{nr}: space at the end" for path in files
        for nr, line in enumerate(path.read_text(
            errors="replace").splitlines(), 1) if line != line.rstrip())


def script_language(path):
    if path.suffix in (".sh", ".py"):
        return {".sh": "sh", ".py": "python"}[path.suffix]
    first = path.read_bytes()[:200].decode(errors="replace")
    found = re.match(r"#!.*\b(bash|sh|python3?)\b", first)
    if found:
        return "python" if found[1].startswith("python") else "sh"
    return "sh" if "\n# shellcheck shell=" in first else ""


def lint_checks(built):
    """(name, function) of each check; built: the kernels to build for."""
    HOST.need("check the sources", "binutils", "codespell", "gcc", "git",
              "libc6-dev", "make", "perl", "pyflakes3", "shellcheck", "sparse")
    files = tracked()
    sources = [path for path in files if path.suffix in (".c", ".h")]
    module = [path for path in sources if name(path).startswith("module/")]
    shell = [path for path in files if script_language(path) == "sh"]
    python = [path for path in files if script_language(path) == "python"]
    fresh(CACHE / "lint")
    pairs = [(f"checkpatch --strict: {len(sources)} sources",
              lambda: checkpatch(sources)),
             (f"kernel-doc -Wall: {len(module)} sources",
              lambda: kernel_doc(module))]
    for kernel in built:
        pairs.append((f"sparse and W=1: {kernel.name}",
                      lambda k=kernel: warnings(
                          product.module, k, "W=1", "C=2",
                          directory=fresh(CACHE / "lint/module"))))
    pairs += [
        ("the tests build without a warning",
         lambda: warnings(product.tests, CACHE / "lint/selftests")),
        ("the command builds without a warning",
         lambda: warnings(product.command, "lint/tools", "CFLAGS=-O2 -g "
                          "-Wshadow -Wstrict-prototypes -Wformat-security")),
        ("no two files use each other", circles),
        ("the counter of results", ktap_cases.wrong),
        (f"shellcheck: {len(shell)} scripts",
         lambda: unless_silent(["shellcheck", "-x", "-P", "SCRIPTDIR", *shell])),
        (f"pyflakes: {len(python)} scripts",
         lambda: unless_silent(["pyflakes3", *python])),
        (f"codespell: {len(files)} files",
         lambda: unless_silent(["codespell", "--skip", "COPYING",
                                "--ignore-words-list", "filp,iput",
                                *map(name, files)])),
        (f"SPDX lines: {len(files)} files", lambda: spdx(files)),
        ("no space at the ends of lines", lambda: trailing_space(files)),
    ]
    return pairs
