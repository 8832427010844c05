# SPDX-License-Identifier: GPL-2.0
"""Kernels to boot and to build for: Debian's, and our own with few options."""
import dataclasses
import pathlib
import re
import shutil
import subprocess

from build.common import (CACHE, CPUS, Failure, as_root, fresh, lock, newest,
                          note, output, run, version_key)
from build.root import HOST, Root

KERNELS = CACHE / "kernels"
SOURCE = "6.12"


@dataclasses.dataclass
class Kernel:
    """
    @name: its release, or what our own configuration is called
    @kdir: the build tree that modules are built against, as @root sees it
    @image: what qemu boots
    @modules: the directory with lib/modules, None if all it needs is built in
    @root: whose compiler built it
    """
    name: str
    kdir: pathlib.Path
    image: pathlib.Path
    modules: pathlib.Path = None
    root: Root = HOST

    @property
    def release(self):
        return self.name if self.modules else None


def architecture():
    return output(["dpkg", "--print-architecture"]).strip()


def releases(root, kind, flavour=""):
    """Those that apt knows, from the packages' names."""
    arch = architecture()
    names = output(root.inside(["apt-cache", "search", "--names-only",
                                f"^linux-{kind}-[0-9].*-{arch}$"]))
    form = re.compile(rf"linux-{kind}-([0-9]+\.[0-9]+\.[^- ]+"
                      rf"(?:-[0-9][0-9.a-z]*)?-{flavour}{arch}) ")
    return {found[1] for found in map(form.match, names.splitlines()) if found}


def offered(root, flavour=""):
    """Releases with both an image and headers, the newest last."""
    return sorted(releases(root, "headers", flavour) &
                  releases(root, "image", flavour), key=version_key)


def series(root):
    """Every series on offer, the newest last."""
    found = {".".join(release.split(".")[:2]) for release in offered(root)}
    return sorted(found, key=version_key)


def find_release(root, want):
    parts = re.fullmatch(r"([0-9]+\.[0-9]+)-([a-z]+)", want)
    base, flavour = (parts[1], parts[2] + "-") if parts else (want, "")
    form = re.compile(re.escape(base) + "([.+-].*)?$")

    def newest_of(names):
        return newest(filter(form.match, names))

    found = newest_of(offered(root, flavour))
    if not found and root.is_host:
        end = f"[0-9]-{flavour}{architecture()}$"
        found = newest_of(path.parent.name for path in KERNELS.glob("*/vmlinuz")
                          if re.search(end, path.parent.name))
    if not found:
        note(f"updating apt's index, to find kernel {want}")
        root.apt_get("update")
        found = newest_of(offered(root, flavour))
    if not found:
        known = " ".join(sorted(releases(root, "headers"), key=version_key))
        raise Failure(f"apt offers no kernel {want} with headers; "
                      f"it offers: {known}")
    return found


def download(root, release, debs):
    """From 7.x on, the image's package only depends on those of its parts."""
    name = f"linux-image-{release}"
    depends = output(root.inside(["apt-cache", "depends", "--important", name]))
    parts = re.findall(r"Depends: (linux-(?:base|binary|modules)-[0-9]\S*)",
                       depends)
    # Root's downloads go where apt's own user cannot write.
    where = "/" + str(debs.relative_to(root.path))
    run(root.inside(["sh", "-c", 'cd "$0" && exec apt-get -qq '
                     '$([ "$(id -u)" != 0 ] || echo -o APT::Sandbox::User=root)'
                     ' download "$@"', where, name, *parts]))


def unpack(root, release):
    """Puts vmlinuz and lib/modules into .cache/kernels; installs nothing."""
    note(f"unpacking kernel {release}")
    new = fresh(KERNELS / f"{release}.new")
    debs = new / "debs"
    if root.is_host:
        debs.mkdir()
    else:
        debs = root.path / "var/cache/shmstat"
        run(as_root(["rm", "-rf", debs]))
        run(as_root(["mkdir", debs]))
    try:
        download(root, release, debs)
    except Failure:
        # The index is older than the mirror.
        root.apt_get("update")
        download(root, release, debs)
    tree = new / "root"
    for deb in debs.glob("*.deb"):
        run(["dpkg-deb", "-x", deb, tree])
    run(as_root(["rm", "-rf", debs]))
    (new / "lib").mkdir()
    usr = tree / "usr/lib/modules"
    shutil.move(usr if usr.exists() else tree / "lib/modules", new / "lib")
    # From 7.x on, the image is with its modules.
    image = newest([*tree.glob(f"boot/vmlinuz-{release}*"),
                    *new.glob(f"lib/modules/{release}/vmlinuz*")])
    shutil.move(image, new / "vmlinuz")
    run(["depmod", "-b", new, release])
    shutil.rmtree(tree)
    shutil.rmtree(KERNELS / release, ignore_errors=True)
    new.rename(KERNELS / release)


def debian(want, root=HOST, headers=True):
    """
    A Debian kernel that can be booted: by release, series ("6.12" for its
    newest), or series and flavour ("6.12-cloud").
    """
    if not re.fullmatch(r"[0-9]+\.[0-9]+[0-9A-Za-z.+~-]*", want):
        raise Failure(f"no kernel '{want}': give a series (6.12), perhaps with a "
                      "suite and a flavour (trixie/7.3-cloud), a release "
                      "(6.1.0-56-amd64), kasan or kcsan")
    HOST.need("unpack kernels", "kmod", "xz-utils")

    def complete(name):
        return list(KERNELS.glob(
            f"{name}/lib/modules/{name}/kernel/fs/overlayfs/overlay.ko*"))

    release = want if complete(want) else find_release(root, want)
    if headers:
        root.need(f"build for kernel {release}", f"linux-headers-{release}")
    with lock(KERNELS / ".lock"):
        if not complete(release):
            unpack(root, release)
    return Kernel(release, pathlib.Path(f"/usr/src/linux-headers-{release}"),
                  KERNELS / release / "vmlinuz", KERNELS / release, root)


def debug_symbols_path(kernel):
    return (KERNELS / kernel.name if kernel.modules else kernel.kdir) / "vmlinux"


def debug_symbols(name, path):
    """The kernel's vmlinux with symbols; of Debian's -dbg package once."""
    target = pathlib.Path(path)
    if not target.exists():
        note(f"downloading debug symbols of {name}: about 1 GB")
        new = fresh(KERNELS / f"{name}.dbg")
        run(["sh", "-c", 'cd "$0" && apt-get -qq download "$1" && '
             "dpkg-deb --fsys-tarfile ./*.deb | tar -x --wildcards "
             "'*/vmlinux*'", new, f"linux-image-{name}-dbg"])
        next(path for path in new.glob("usr/lib/debug/**/vmlinux*")
             if path.is_file() and not path.is_symlink()).rename(target)
        shutil.rmtree(new)
    return target


def package_version(package):
    return output(["dpkg-query", "-W", "-f", "${Version}", package])


def source(series=SOURCE):
    """Debian's linux-source of a series, unpacked once."""
    package = f"linux-source-{series}"
    tree = CACHE / "source" / series
    HOST.need("have the kernel's source", package, "xz-utils")
    version = package_version(package)
    mark = tree / ".unpacked"
    with lock(CACHE / "source/.lock"):
        if not mark.exists() or mark.read_text().strip() != version:
            note(f"unpacking {package}")
            archive = newest(pathlib.Path("/usr/src").glob(f"{package}*.tar.xz"))
            run(["tar", "-C", fresh(tree), "--strip-components=1", "-xf",
                 archive])
            mark.write_text(version + "\n")
    return tree


def lost_options(wanted, config):
    """An option that depends on one that is not set is dropped in silence."""
    have = set(config.read_text().splitlines())
    return [line for line in wanted.splitlines()
            if line.startswith("CONFIG_") and line not in have]


def need_to_build():
    """Before any machine runs: guests see this machine's root."""
    HOST.need("build a kernel", "bc", "bison", "flex", "gcc", "libelf-dev",
              "libssl-dev", "make")


def custom(name, arch, *fragments):
    """A kernel with the options of some files and no others, built once."""
    need_to_build()
    tree = source()
    build = CACHE / "custom" / name
    options = "".join(path.read_text() for path in fragments)
    wanted = f"{package_version(f'linux-source-{SOURCE}')} {arch}\n{options}"
    mark = build / ".built"
    make = ["make", "-C", tree, f"O={build}", f"ARCH={arch}"]
    log = CACHE / "custom" / f"{name}.log"
    with lock(CACHE / f"custom/.{name}.lock"):
        if not mark.exists() or mark.read_text().rstrip() != wanted.rstrip():
            note(f"building the {name} kernel; this takes some minutes, once")
            build.mkdir(parents=True, exist_ok=True)
            for old in (mark, build / ".config"):
                old.unlink(missing_ok=True)
            (build / "fragment").write_text(options)
            with open(log, "w") as said:
                where = {"stdout": said, "stderr": subprocess.STDOUT}
                run([*make, f"KCONFIG_ALLCONFIG={build}/fragment",
                     "allnoconfig"], **where)
                lost = lost_options(options, build / ".config")
                if lost:
                    raise Failure(f"the {name} kernel lost: {' '.join(lost)}")
                try:
                    run([*make, f"-j{CPUS}"], **where)
                except Failure as failure:
                    end = log.read_text(errors="replace").splitlines()[-20:]
                    raise Failure("\n".join([str(failure), *end])) from failure
            mark.write_text(wanted)
    return Kernel(name, build, build / "arch/x86/boot/bzImage")
