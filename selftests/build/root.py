# SPDX-License-Identifier: GPL-2.0
"""Roots that packages are installed in: this machine's, and other suites'."""
import pathlib
import subprocess

from build.common import CACHE, Failure, as_root, lock, note, output, run


class Root:
    """One root directory with an apt of its own."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.is_host = str(path) == "/"

    def inside(self, argv, root=False):
        """The command line that runs argv there; some programs read /proc."""
        if self.is_host:
            return as_root(argv) if root else list(argv)
        return as_root(["unshare", "--mount", "sh", "-c",
                        'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"',
                        self.path, *argv])

    def apt_get(self, *arguments, **options):
        return run(self.inside(
            ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq",
             "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0",
             *arguments], root=True), **options)

    def installed(self, package):
        status = subprocess.run(
            self.inside(["dpkg-query", "-W", "-f", "${db:Status-Status}",
                         package]),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return status.stdout == "installed"

    def need(self, purpose, *packages):
        """Installs what is missing, and says what for."""
        missing = [name for name in packages if not self.installed(name)]
        if not missing:
            return
        note(f"installing {' '.join(missing)} to {purpose}")
        install = ["install", "--no-install-recommends", *missing]
        with lock(CACHE / "apt.lock"):
            try:
                self.apt_get(*install, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
            except Failure:
                # The index may be missing or older than the mirror.
                self.apt_get("update")
                self.apt_get(*install, stdout=subprocess.DEVNULL)


HOST = Root("/")


def site(label):
    """Where this machine's apt gets Debian's packages from."""
    lines = output(["apt-get", "indextargets", "--format", "$(LABEL) $(SITE)"])
    return min((line.split(" ", 1)[1] for line in lines.splitlines()
                if line.startswith(label + " ")), default=None)


def sources(suite):
    """From bookworm on, the newest kernels come as backports."""
    main, security = site("Debian"), site("Debian-Security")
    if not main:
        raise Failure("this machine's apt knows no Debian mirror")
    lines = [f"deb {main} {suite} main"]
    if security:
        lines.append(f"deb {security} {suite}-security main")
    if suite not in ("bullseye", "bookworm"):
        lines.append(f"deb {main} {suite}-backports main")
    return "\n".join(lines) + "\n"


def suite(name, label=None):
    """
    The root of a Debian suite with its own compiler and kernels, in
    .cache/roots. One with a label of its own may get what others must not have.
    """
    path = CACHE / "roots" / (label or name)
    HOST.need("make the roots of other suites", "mmdebstrap",
              "debian-archive-keyring")
    root = Root(path)
    with lock(CACHE / "roots/.lock"):
        if not (path / ".complete").exists():
            note(f"making the root of {name}")
            run(as_root(["rm", "-rf", path]))
            try:
                run(as_root(["mmdebstrap", "--quiet", "--mode=root",
                             "--variant=apt", "--include=gcc,make", name, path,
                             "-"]), input=sources(name).encode(), stdin=None)
            except Failure as failure:
                run(as_root(["rm", "-rf", path]))
                raise Failure(f"no root of Debian {name} could be made; suites "
                              f"are bullseye, bookworm, trixie\n{failure}"
                              ) from failure
            # A compiler or a library that goes with a backported kernel.
            run(as_root(["tee", path / "etc/apt/preferences.d/backports"]),
                input=f"Package: linux-*\nPin: release n={name}-backports\n"
                "Pin-Priority: 500\n".encode(), stdin=None,
                stdout=subprocess.DEVNULL)
            run(as_root(["touch", path / ".complete"]))
        run(as_root(["cp", "-L", "/etc/resolv.conf", path / "etc/resolv.conf"]))
        root.apt_get("update")
    return root
