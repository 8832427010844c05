# SPDX-License-Identifier: GPL-2.0
"""
Boots a kernel on a root of this machine, which stays unchanged, and runs a
command in it as root.
"""
import dataclasses
import lzma
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import threading
import time

from build.common import CACHE, TOP, Failure, lock, output, run, started
from build.kernel import Kernel
from build.root import HOST
from vm.complaints import BEGIN, complaints

HERE = pathlib.Path(__file__).resolve().parent
# Modules that the guest reaches its root by.
VIRTIOFSD = ("/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd")
MODULES = ("virtio_pci", "9pnet_virtio", "9p", "virtiofs", "overlay",
           "virtio_blk", "ext4")


@dataclasses.dataclass
class Machine:
    """
    @root: what it boots on
    @disk: an image of an ext4 file system that keeps what is changed
    @memory: in MiB
    @second_node: the part of the memory that is on another node of NUMA, which
                  kernels without ACPI do not find
    @timeout: seconds until it counts as hung
    @counted: let its clock count instructions, a nanosecond each, of one CPU
              after the other: slow, and the same each time
    @append: more for the kernel's command line
    @device: one device more, as of qemu's option of that name
    @allow: a warning that is expected; others fail the run, but end no machine
    """
    kernel: Kernel
    root: pathlib.Path = pathlib.Path("/")
    disk: pathlib.Path = None
    memory: int = 2048
    cpus: int = 2
    second_node: int = 0
    timeout: int = 600
    counted: bool = False
    append: str = ""
    device: str = None
    allow: str = None


def machine_for_tests(kernel, **options):
    """What the test programs want to find: two nodes, and a GPU."""
    return Machine(kernel, memory=4000, second_node=1500,
                   device="virtio-gpu-pci", **options)


@dataclasses.dataclass
class Ended:
    """
    @status: the command's; None if it did not end
    @why: what went wrong beside that, a line each
    @log: the kernel's
    """
    status: int
    why: list
    log: str

    @property
    def failed(self):
        return self.why or self.status != 0

    def console(self):
        """The log from what went wrong on, or its end."""
        lines = self.log.splitlines()
        bad = self.why[0].rpartition("kernel: ")[2] if self.why else ""
        for start, line in enumerate(lines):
            if bad and bad in line:
                return lines[start:start + 40]
        return lines[-40:]


def module_files(kernel):
    """The modules that reach the root, in the order of loading."""
    files = []
    for name in MODULES if kernel.release else ():
        text = subprocess.run(
            ["modprobe", "-d", kernel.modules, "-S", kernel.release,
             "--show-depends", name], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True).stdout
        files += [line.split()[1] for line in text.splitlines()
                  if line.startswith("insmod ")]
    return list(dict.fromkeys(files))


def unpacked(path):
    if path.endswith(".xz"):
        return lzma.open(path).read()
    if path.endswith(".zst"):
        return output(["zstd", "-qdc", path], text=False)
    return pathlib.Path(path).read_bytes()


def need_qemu():
    """Before any machine runs: guests see this machine's root."""
    HOST.need("boot virtual machines", "qemu-system-x86", "busybox-static",
              "cpio", "kmod")
    if not os.path.exists(VIRTIOFSD[0]):
        # From trixie on it has a package of its own.
        HOST.need("share directories with kernels that have no 9p", "virtiofsd")


class Running:
    """One machine, from its files to its end. To be used with "with"."""

    def __init__(self, machine, command, terminal=False, gdb=None):
        self.machine = machine
        self.terminal = terminal
        self.gdb = gdb
        self.helpers = []
        self.extra = []
        self.tmp = pathlib.Path(tempfile.mkdtemp(prefix="shmstat-vm."))
        self.share = self.tmp / "share"
        self.out = self.share / "out"
        self.out.mkdir(parents=True)
        self.console = self.tmp / "console"
        self.console.touch()
        (self.share / "command").write_text("exec " + shlex.join(
            map(str, command)) + "\n")
        if machine.allow:
            (self.share / "may-warn").touch()
        if terminal:
            (self.share / "terminal").touch()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for helper in self.helpers:
            helper.kill()
        shutil.rmtree(self.tmp, ignore_errors=True)

    def start_sharing(self):
        """Clouds' kernels have no 9p, but virtiofs, by a helper a directory."""
        machine, kernel = self.machine, self.machine.kernel
        self.protocol = "9p"
        if kernel.release and subprocess.run(
                ["modprobe", "-d", kernel.modules, "-S", kernel.release,
                 "--show-depends", "9p"], stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL).returncode:
            self.protocol = "virtiofs"
        self.add_memory()
        modules = self.tmp / "modules/lib/modules"
        if kernel.modules:
            modules = kernel.modules / "lib/modules"
        else:
            modules.mkdir(parents=True)
        self.add_share("root", machine.root, "on")
        self.add_share("modules", modules, "on")
        self.add_share("top", TOP, "on")
        self.add_share("out", self.share, "off")

    def add_memory(self):
        """Of each node; shared with us if virtiofs has to find it."""
        machine, shared = self.machine, self.protocol == "virtiofs"
        if not machine.second_node and not shared:
            return
        backend = "memory-backend-" + ("memfd,share=on" if shared else "ram")
        sizes = [machine.memory - machine.second_node, machine.second_node]
        for node, size in enumerate(filter(None, sizes)):
            self.extra += ["-object", f"{backend},id=mem{node},size={size}M",
                           "-numa", f"node,memdev=mem{node}"]

    def add_share(self, tag, directory, readonly):
        path = str(directory).replace(",", ",,")
        if self.protocol == "9p":
            self.extra += ["-virtfs", f"local,path={path},mount_tag={tag},"
                           "security_model=none,multidevs=remap,"
                           f"readonly={readonly}"]
            return
        helper = next(filter(os.path.exists, VIRTIOFSD))
        socket = self.tmp / f"{tag}.socket"
        self.helpers.append(subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", helper,
             f"--socket-path={socket}", "-o", f"source={directory}",
             "-o", "cache=always", "-o", "sandbox=chroot"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL))
        deadline = time.monotonic() + 10
        while not socket.exists():
            if time.monotonic() > deadline:
                raise Failure(f"virtiofsd does not share {directory}")
            time.sleep(0.05)
        self.extra += ["-chardev", f"socket,id=fs-{tag},path={socket}",
                       "-device",
                       f"vhost-user-fs-pci,chardev=fs-{tag},tag={tag}"]

    def make_initramfs(self):
        tree = self.tmp / "initramfs"
        for name in ("bin", "dev", "proc", "modules"):
            (tree / name).mkdir(parents=True)
        shutil.copy("/bin/busybox", tree / "bin")
        shutil.copy(HERE / "init", tree / "init")
        (tree / "checkout").write_text(f"{TOP}\n")
        (tree / "protocol").write_text(f"{self.protocol}\n")
        order = []
        for path in module_files(self.machine.kernel):
            name = re.sub(r"\.(xz|zst)$", "", os.path.basename(path))
            (tree / "modules" / name).write_bytes(unpacked(path))
            order.append(name + "\n")
        (tree / "modules/order").write_text("".join(order))
        with open(self.tmp / "initramfs.cpio", "wb") as archive:
            run(["sh", "-c", "find . | cpio -o -H newc -R 0:0 --quiet"],
                cwd=tree, stdout=archive)

    def qemu(self, accelerator, append=""):
        machine = self.machine
        arguments = ("console=ttyS0 loglevel=5 panic=-1 oops=panic "
                     f"mitigations=off nokaslr {machine.append} {append}")
        if machine.second_node:
            # Pages stay on the node where a test has put them.
            arguments += " numa_balancing=disable"
        if accelerator != "kvm":
            # Where the host is busy, an emulated CPU may get no time for long.
            arguments += (" watchdog_thresh=30"
                          " rcupdate.rcu_cpu_stall_timeout=60")
        argv = ["qemu-system-x86_64", "-accel", accelerator, "-cpu", "max",
                "-m", str(machine.memory),
                # Without ACPI, only sockets are found.
                "-smp", f"{machine.cpus},sockets={machine.cpus}",
                "-kernel", machine.kernel.image,
                "-initrd", self.tmp / "initramfs.cpio", "-append", arguments,
                "-nodefaults", "-display", "none", "-no-reboot",
                "-monitor", "none", "-serial", f"file:{self.console}",
                "-chardev", "stdio,id=out,signal=off", "-serial", "chardev:out",
                "-serial", f"file:{self.tmp}/port", *self.extra]
        if machine.counted:
            argv += ["-icount", "shift=0,sleep=off"]
        if machine.device:
            argv += ["-device", machine.device]
        if machine.disk:
            path = str(machine.disk).replace(",", ",,")
            argv += ["-drive", f"file={path},format=raw,if=virtio,cache=unsafe"]
        if self.gdb:
            argv += ["-gdb", f"unix:{self.gdb},server=on,wait=off"]
        # It must not outlive us, even if we are killed without a word.
        return ["setpriv", "--pdeathsig", "KILL", *map(str, argv)]

    def accelerator(self):
        """The device can be there and still run no kernel, so one is booted."""
        if self.machine.counted:
            return "tcg,thread=single"
        if not os.access("/dev/kvm", os.W_OK):
            return "tcg,thread=multi"
        with lock(CACHE / "accelerator.lock"):
            return self.probed()

    def probed(self):
        """What the first machine since this one was booted has found."""
        boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text()
        verdict = CACHE / "accelerator"
        if not verdict.exists() or not verdict.read_text().startswith(boot):
            port = self.tmp / "port"
            port.touch()
            try:
                subprocess.run(self.qemu("kvm", "shmstat.probe"), timeout=20,
                               stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
            except subprocess.TimeoutExpired:
                pass
            works = "works" in port.read_text()
            verdict.write_text(boot + ("kvm" if works else "tcg,thread=multi"))
        return verdict.read_text()[len(boot):]

    def boot(self, line=None):
        """
        Boots it and waits for its end; line is called with each that the
        command prints, unless it has the terminal.
        """
        self.start_sharing()
        self.make_initramfs()
        pipes = {} if self.terminal else {
            "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
            "text": True, "errors": "replace"}
        hung = threading.Event()
        with started(self.qemu(self.accelerator()), **pipes) as process:
            def kill():
                hung.set()
                process.kill()

            timer = threading.Timer(self.machine.timeout, kill)
            if not self.terminal:
                timer.start()
            try:
                for text in process.stdout or ():
                    line(text.rstrip("\n"))
                process.wait()
            finally:
                timer.cancel()
        return self.ended(hung.is_set())

    def ended(self, hung):
        logs = [path.read_text(errors="replace").replace("\r", "")
                for path in (self.console, self.share / "dmesg")
                if path.exists()]
        # What an emulated machine says while it boots is no fault of the
        # command's.
        began = any(BEGIN in log for log in logs)
        allow = re.compile(self.machine.allow or "$^")
        bad = {}
        for log in logs:
            # The log's buffer may have lost where the command began.
            first = "" if began and BEGIN not in log else None
            for step, line in complaints(log, first):
                if not allow.search(line) and (step is not None or not began):
                    bad.setdefault(step or "", line)
        why = [": ".join(filter(None, (step, "kernel", line)))
               for step, line in bad.items()]
        status = self.share / "status"
        code = int(status.read_text()) if status.exists() and \
            status.stat().st_size else None
        if hung:
            why.append(f"hung: no end after {self.machine.timeout} s")
        elif code is None:
            why.append("the guest died before the command ended")
        elif (self.share / "cpus").read_text().strip() != \
                str(self.machine.cpus):
            why.append("the kernel did not find all CPUs")
        return Ended(code, why, "\n".join(logs))


def run_in(machine, command, line, out=None):
    """
    Runs a command there. What it writes into the directory it starts in is
    copied to out.
    """
    with Running(machine, command) as running:
        ended = running.boot(line)
        if out:
            shutil.rmtree(out, ignore_errors=True)
            shutil.copytree(running.out, out)
        return ended
