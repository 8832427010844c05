# SPDX-License-Identifier: GPL-2.0
"""Lines of a kernel's log that no run may cause."""
import re

BAD = re.compile("|".join([
    r"WARNING:|\bBUG\b|\bOops\b|Kernel panic|page allocation failure",
    "general protection|unable to handle|stack-protector",
    "KASAN|KCSAN|KFENCE|KMSAN|UBSAN",
    r"kmemleak: .*(leak|disabled)|refcount_t:|(list|rbtree).* corruption",
    "possible (circular|recursive|irq|deadlock)|inconsistent lock",
    "suspicious RCU|bad unlock|held lock freed|still held",
    "sleeping function|INFO: (task|rcu|trying)|detected.* stalls?",
    "self-detected stall|soft lockup|hard LOCKUP|blocked for more than",
    "Busy inodes|Objects remaining|slab error|already registered",
    "debugfs: .* already present|unchecked MSR|nobody cared"]))

# What kernels say of the machine or of themselves. A race is ours if one side
# of it is in a module.
HARMLESS = re.compile(
    "Spectre|spectre|MDS CPU bug|TAA CPU bug|clocksource|TSC|hpet|"
    r"eBPF is enabled|kcsan: |KCSAN: [a-z-]+ in [^\[]*$")

# The guest writes these to its log: where a command begins, and each step.
BEGIN = "shmstat-vm: begin"
STEP = re.compile("shmstat-vm: step (.*)")


def complaints(log, step=None):
    """(step, line) of each; step is None for what came before the command."""
    found = []
    for line in log.replace("\r", "").splitlines():
        if BEGIN in line:
            step = ""
        mark = STEP.search(line)
        if mark:
            step = mark[1]
        elif BAD.search(line) and not HARMLESS.search(line):
            found.append((step, line))
    return found
