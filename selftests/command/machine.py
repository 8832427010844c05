# SPDX-License-Identifier: GPL-2.0
"""A machine that is made up: tables and processes, for the command to read."""
import json
import os
import pathlib
import subprocess

from tables import escape, mountinfo_escape

HEADERS = {
    "objects": "id kind pagesize size resident swapped mode uid gid nlink flags "
               "truncate btime mtime ctime name",
    "holders": "id by pid comm uid fds maps handles detail",
    "cgroups": "id cgroup resident path",
    "maps": "id pid comm uid start end offset perms resident swapped past_eof",
    "pages": "id resident dirty writeback referenced active unevictable mlocked "
             "mapped huge swapped orders nodes swap",
    "sysv": "ipcns shmid key mode uid gid cuid cgid size nattch cpid lpid atime "
            "dtime ctime flags resident swapped id",
    "superblocks": "dev type internal objects resident swapped bytes_used "
                   "bytes_limit inodes_used inodes_limit options",
    "summary": "kind pagesize objects size resident swapped",
}


class Machine:
    """What stands in its tables, and in /proc/PID of its processes."""

    def __init__(self, directory, command, sanitized):
        self.proc = pathlib.Path(directory) / "proc"
        self.command = str(command)
        self.sanitized = str(sanitized)
        self.rows = {name: [] for name in HEADERS}
        self.rows["summary"] = ["total 4096 1 4096 4096 0",
                                "nr_shmem 4096 - - 4096 -"]
        self.count = 0
        self.environment = {}
        (self.proc / "shmstat").mkdir(parents=True)
        (self.proc / "namespaces").mkdir()

    def namespace(self, name):
        """The inode number that stands for a namespace, such as ipc-1."""
        path = self.proc / "namespaces" / name
        path.touch()
        return path.stat().st_ino

    def process(self, pid, comm="name", cgroup="/", mnt="mnt", ipc="ipc",
                mounts=(), fds=()):
        """A process; mounts are lines of mountinfo, fds what links lead to."""
        directory = self.proc / str(pid)
        for part in "ns", "fd", "fdinfo":
            (directory / part).mkdir(parents=True)
        for kind, name in ("mnt", mnt), ("ipc", ipc):
            self.namespace(name)
            os.link(self.proc / "namespaces" / name, directory / "ns" / kind)
        os.symlink("/", directory / "root")
        os.symlink("/", directory / "cwd")
        (directory / "comm").write_text(comm + "\n")
        (directory / "cgroup").write_text(f"0::{cgroup}\n")
        (directory / "stat").write_text(
            f"{pid} ({comm}) S" + " 1" * 18 + " 100" + " 0" * 30 + "\n")
        (directory / "mountinfo").write_bytes(b"".join(mounts))
        for nr, fd in enumerate(fds):
            os.symlink(fd, directory / "fd" / str(nr + 3))

    @staticmethod
    def mount(dev, target, root="/", kind="tmpfs"):
        """A line of mountinfo."""
        return b"36 1 %s %s %s rw - %s none rw\n" % (
            dev.encode(), mountinfo_escape(os.fsencode(root)),
            mountinfo_escape(os.fsencode(target)), kind.encode())

    def object(self, kind, resident=1, swapped=0, *, dev="0:1", inode=None,
               name="memfd:x", nlink=0, flags="-", pagesize=4096,
               times=(1, 1, 1)):
        """One of so many pages; its id."""
        self.count += 1
        inode = 1000 + self.count if inode is None else inode
        ident = f"{dev}:{inode}:{self.count}"
        name = escape(os.fsencode(name)).decode()
        self.rows["objects"].append(
            f"{ident} {kind} {pagesize} 4096 {resident * pagesize} "
            f"{swapped * pagesize} 0666 0 0 {nlink} {flags} possible "
            f"{times[0]} {times[1]} {times[2]} {name}")
        return ident

    def file(self, name, resident=1, swapped=0, *, dev="0:50", kind="posix",
             nlink=1, **more):
        """One with a name."""
        return self.object(kind, resident, swapped, dev=dev, name=name,
                           nlink=nlink, **more)

    def path(self, path, **more):
        """A file that is there, as an object of its file system."""
        stat = os.lstat(path)
        dev = f"{os.major(stat.st_dev)}:{os.minor(stat.st_dev)}"
        more.setdefault("nlink", stat.st_nlink)
        return self.file("/" + os.fsdecode(os.path.basename(path)), dev=dev,
                         inode=stat.st_ino, **more)

    def segment(self, shmid, resident=1, swapped=0, *, ipc="ipc", nattch=0,
                dtime=1, ctime=1, flags="-", row=True, times=(1, 1, 1)):
        """A System V segment; without a row, of a namespace nobody is in."""
        ident = self.object("sysv", resident, swapped, inode=shmid,
                            name="SYSV00000000", flags=flags, times=times)
        if row:
            self.rows["sysv"].append(
                f"{self.namespace(ipc)} {shmid} 0x00000000 0600 0 0 0 0 4096 "
                f"{nattch} 1 1 1 {dtime} {ctime} {flags} 4096 0 {ident}")
        return ident

    def held(self, ident, pid, by="process", fds=1, maps=0, handles=0,
             detail="-", comm="name"):
        """By a process, or by one of the kernel's keepers."""
        self.rows["holders"].append(
            f"{ident} {by} {pid} {comm if pid != '-' else '-'} "
            f"{0 if pid != '-' else '-'} {fds} {maps} {handles} {detail}")

    def unknown(self, ident):
        """By nothing that was found."""
        self.held(ident, "-", "unknown", fds=0)

    def charged(self, ident, resident, path):
        """To a cgroup, for so many bytes."""
        self.rows["cgroups"].append(f"{ident} 66 {resident} {path}")

    def summarize(self):
        """The sums by kind, of the objects there are."""
        sums = {}
        for row in self.rows["objects"]:
            _, kind, pagesize, size, resident, swapped, *_ = row.split(" ")
            for key in [(kind, pagesize)] + [("total", "4096")] * (
                    pagesize == "4096"):
                numbers = sums.setdefault(key, [0, 0, 0, 0])
                for nr, more in enumerate([1, size, resident, swapped]):
                    numbers[nr] += int(more)
        total = sums.pop(("total", "4096"), [0, 0, 0, 0])
        self.rows["summary"] = [
            " ".join(map(str, [*key, *numbers])) for key, numbers in sums.items()
        ] + [" ".join(map(str, ["total", 4096, *total])),
             f"nr_shmem 4096 - - {total[2]} -"]

    def write(self):
        """The tables."""
        for name, header in HEADERS.items():
            (self.proc / "shmstat" / name).write_text(
                "\n".join([header] + self.rows[name]) + "\n")

    def run(self, *arguments, status=0):
        """What the command writes; or, if it is to fail, what it says."""
        self.write()
        said, written = self.start(self.command, arguments, status)
        # The time goes on, so what it writes may differ.
        self.start(self.sanitized, arguments, status)
        return said if status else written

    def start(self, command, arguments, status):
        """What it says, which is nothing if it is not to fail; what it writes."""
        result = subprocess.run(
            [command, *map(os.fsencode, arguments)], capture_output=True,
            check=False, timeout=60, env=dict(
                os.environ, SHMSTAT_PROC=str(self.proc), ASAN_OPTIONS=
                "exitcode=99:verify_asan_link_order=0", **self.environment))
        said = result.stderr.decode()
        if result.returncode != status or bool(status) != bool(said):
            raise AssertionError(f"{arguments}: status {result.returncode}: "
                                 f"{said}")
        return said, result.stdout.decode()

    def json(self, *arguments):
        """The document it writes."""
        return json.loads(self.run(*arguments, "-bJ"))
