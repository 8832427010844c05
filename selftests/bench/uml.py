# SPDX-License-Identifier: GPL-2.0
"""
Runs a command as root of User-mode Linux, a process of this machine, on its
root, read-only.
"""
import pathlib
import shlex
import shutil
import subprocess
import tempfile

from vm.complaints import complaints
from vm.machine import Ended

INIT = pathlib.Path(__file__).resolve().parent / "uml-init"


def run_in(kernel, command, line, out):
    """
    As vm.machine.run_in(). The lines that the command printed come when it has
    ended.
    """
    with tempfile.TemporaryDirectory(prefix="shmstat-uml.") as tmp:
        share = pathlib.Path(tmp)
        (share / "out").mkdir()
        (share / "command").write_text(
            f"exec {shlex.join(map(str, command))}\n")
        # On one CPU: its processes are ours, and wait for each other.
        argv = ["taskset", "-c", "0", "setpriv", "--pdeathsig", "TERM",
                "timeout", "--foreground", "1800", kernel.kdir / "linux",
                "mem=8000M", "root=/dev/root", "rootfstype=hostfs",
                "rootflags=/", "ro", f"init={INIT}",
                f"share={tmp}", f"uml_dir={tmp}/", "con=null", "con0=null",
                "stderr=1", "panic=-1"]
        with open(share / "console", "w") as console:
            status = subprocess.run(
                argv, stdin=subprocess.DEVNULL, stdout=console,
                stderr=subprocess.STDOUT).returncode

        def left(name):
            path = share / name
            return path.read_text(errors="replace") if path.exists() else ""

        for text in left("output").splitlines():
            line(text)
        shutil.copytree(share / "out", out, dirs_exist_ok=True)
        log = left("console") + left("dmesg")
        why = [f"kernel: {text}" for _, text in complaints(log)[:1]]
        if not left("status"):
            why.append("hung: no end after 1800 s" if status == 124 else
                       "it died before the command ended")
            return Ended(None, why, log)
        return Ended(int(left("status")), why, log)
