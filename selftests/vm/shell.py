# SPDX-License-Identifier: GPL-2.0
"""A shell in a virtual machine, and a debugger for its kernel."""
import json
import os
import shlex
import shutil
import subprocess
import sys

from build import kernel as kernels
from build.common import CACHE, SELFTESTS, Failure, fresh, note
from build.root import HOST
from vm.machine import Running, machine_for_tests, need_qemu

# The debugger finds the shell's machine here.
STATE = CACHE / "vm"


def shell(kernel, module, keeper, bin, command, line=None):
    """
    Gives this terminal to a shell in a machine with the module loaded, or runs
    one command line there.
    """
    machine = machine_for_tests(kernel, timeout=3600)
    terminal = not line and sys.stdin.isatty()
    if not line and not terminal:
        raise Failure("a shell needs a terminal; for one command: "
                      "make vm RUN='cat /proc/shmstat/summary'")
    need_qemu()
    fresh(STATE)
    size = shutil.get_terminal_size()
    argv = ["env", f"MODULE={module}", f"KEEPER={keeper}", f"TESTS={bin}",
            f"COMMAND={command}", f"SIZE={size.lines} {size.columns}", "TERM=" +
            os.environ.get("TERM", "linux"), "bash", "--rcfile",
            SELFTESTS / "vm/shellrc", *(["-i"] if terminal else
                                        ["-c", f". {shlex.quote(str(SELFTESTS))}"
                                         f"/vm/shellrc; {line}"])]
    note(f"booting {kernel.name}" + ("; exit ends it" if terminal else ""))
    with Running(machine, argv, terminal, STATE / "gdb") as running:
        (STATE / "machine").write_text(json.dumps({
            "vmlinux": str(kernels.debug_symbols_path(kernel)),
            "kernel": kernel.name, "module": str(module),
            "sections": str(running.out / "sections")}))
        ended = running.boot(print)
    if ended.why:
        raise Failure("\n".join([*ended.why, *ended.console()]))
    return ended.status


def gdb():
    """Debugs the kernel of the machine that "make vm" runs in another terminal."""
    if not (STATE / "gdb").exists():
        raise Failure("no machine to debug: start one with \"make vm\" in "
                      "another terminal")
    HOST.need("debug the kernel", "gdb")
    state = json.loads((STATE / "machine").read_text())
    symbols = kernels.debug_symbols(state["kernel"], state["vmlinux"])
    commands = ["set confirm off", f"file {symbols}", f"target remote {STATE}/gdb"]
    try:
        # A line a section: NAME ADDRESS.
        with open(state["sections"]) as file:
            sections = dict(line.split() for line in file)
    except FileNotFoundError:
        note("the module is not loaded there yet: its symbols are missing")
    else:
        text = sections.pop(".text")
        commands.append(f"add-symbol-file {state['module']} {text} " + " ".join(
            f"-s {name} {address}" for name, address in sections.items()))
    argv = ["gdb", "-q"]
    for line in commands:
        argv += ["-ex", line]
    return subprocess.call(argv)
