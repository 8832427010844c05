#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0
"""
Tables with names that were chosen to do harm, and damaged ones. To copy the
recorded tables and damage some:
	tables.py SEED TO
"""
import pathlib
import random
import re
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent

# What a shell, a terminal, a locale, JSON, CSV or a parser of tables might obey.
# None has a slash in it, so that each can be the name of a cgroup.
NAMES = [
    b"$(id>pwned;echo${IFS}x)", b"`id>pwned`", b"a;id>pwned", b"a|id>pwned",
    b"a&id>pwned&", b"a\nid>pwned", b"a\rb", b">pwned", b"<(id>pwned)",
    b"a b", b" a", b"a ", b"a\tb", b"a\"b", b"a\"$(id>pwned)\"", b"a'b",
    b"a'$(id>pwned)'", b"a\\b", b"a\\", b"\\", b"a\\040b", b"a\\x20b", b"\\$",
    b"*", b"?", b"[a-z]*", b"{a,b}", b"~root", b"=ls", b"!!", b"!id", b"^a^b",
    b"#a", b"$HOME", b"${HOME}", b"$'\\n'", b"$((a[$(id>pwned)]))", b"%s%n%n",
    b"-", b"--", b"-rf", b"--help", b"-o", b"a,b", b"a:b", b"a=b", b"a@b",
    b"a+b", b"a%b", b"(a)", b"<a>", b"\x1b[31mred", b"\x1b]0;title\x07",
    b"\x9b31m", b"\xc3\xbc", b"\xe3\x81\x82", b"\xff\xfe",
    b"\xc3", b"\xe2\x80\xaegnp", b"\xe2\x80\x8b", b"\xef\xbb\xbf", b"\xf0\x9f",
    b"\x7f", b"\x01", b"\"}", b"{\"a\": 1}", b"</script>", b"null", b"nan",
    b"x" * 255, b"\xff" * 255, b"\\" * 255, b"$(id>pwned)" * 20,
]


def escape(name):
    """As the kernel's tables have it."""
    return b"".join(bytes([c]) if 32 < c < 127 and c != 92 else
                    b"\\%03o" % c for c in name) or b"-"


def copy_tables(target):
    """The tables that were recorded, to be changed."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(HERE / "proc", target)
    return pathlib.Path(target)


def mountinfo_escape(name):
    """As /proc/PID/mountinfo has it."""
    return b"".join(b"\\%03o" % c if c in b" \t\n\\" else bytes([c])
                    for c in name)


def cgroup_path(nr, name):
    """Where units and containers put such a name."""
    name = escape(name)
    container = b"0123456789abcdef" * 4
    return [b"/" + name, b"/system.slice/" + name + b".service",
            b"/user.slice/user-" + name + b".slice/run-u1.scope",
            b"/system.slice/" + name + b"-" + container + b".scope",
            b"/" + name + b"/" + container, b"/kubepods/pod1/" + name,
            ][nr % 6]


def add_names(directory):
    """Each name in each place where one is read, to tables that were copied."""
    kinds = b"sysv posix anon memfd gpu tmpfs kernel".split()
    rows = {table: [] for table in ("objects", "holders", "maps", "cgroups",
                                    "pages", "superblocks")}
    mounts = []
    for nr, name in enumerate(NAMES):
        text, pid = escape(name), b"%d" % (70000 + nr)
        dev = b"0:%d" % (200 + nr % 20)
        ident = b"%s:%d:%d" % (dev, 90000 + nr, nr)
        comm = escape(name[:15])
        rows["objects"].append(
            b"%s %s 4096 8192 8192 4096 0666 %d 0 1 mapped possible 1 2 3 /%s" %
            (ident, kinds[nr % 7], nr % 3 * 1000, text))
        # A few are held by nothing, which makes sockets worth a look.
        rows["holders"] += [
            b"%s process %s %s 0 1 1 0 -" % (ident, pid, comm),
            b"%s process 1 %s 1 1 1 0 2" % (ident, comm),
            b"%s socket 1 %s 1 1 0 0 %d" % (ident, comm, 5000 + nr)] \
            if nr % 5 else [b"%s unknown - - - 0 0 0 -" % ident]
        rows["maps"] += [
            b"%s %s %s %d 7f1589b41000 7f1589b44000 0 rw-s 4096 0 4096" %
            (ident, who, comm, nr % 3) for who in (pid, b"1")]
        rows["cgroups"].append(b"%s 66 4096 %s" % (ident, cgroup_path(nr, name)))
        rows["pages"].append(b"%s 8192 0 0 0 0 0 0 0 0 4096 0=8192 0=8192 0=4096"
                             % ident)
        (directory / "shmstat" / f"extents.{ident.decode()}").write_bytes(
            b"start length state order node swap\n"
            b"0 4096 swapped 0 - 0\n4096 8192 resident 0 0 -\n")
        if nr < 20:
            rows["superblocks"].append(
                b"%s tmpfs no 1 8192 4096 8192 - 1 - rw,mpol=%s" % (dev, text))
        mounts.append(b"%d 30 %s /%s /mnt/%s rw - tmpfs %s rw" % (
            900 + nr, dev, mountinfo_escape(name), mountinfo_escape(name),
            mountinfo_escape(name)))
        process = directory / pid.decode()
        for part in "fd", "fdinfo", "ns", "root/mnt":
            (process / part).mkdir(parents=True)
        (process / "comm").write_bytes(name[:15] + b"\n")
        # The name stands there as it is, whatever it does to the fields.
        (process / "stat").write_bytes(b"%s (%s) S%s\n" % (
            pid, name[:15], b" 1" * 18 + b" 100" + b" 0" * 30))
        (process / "cgroup").write_bytes(
            b"0::%s\n1:name=%s:/%s\n" % (cgroup_path(nr, name), name, name))
        (process / "fd/3").symlink_to(f"socket:[{5000 + nr}]")
        (process / "fdinfo/3").write_bytes(b"pos:\t0\nscm_fds: 2\n")
        (process / "ns/mnt").write_bytes(b"")
        (process / "mountinfo").write_bytes(b"\n".join(mounts[-3:]) + b"\n")
    # More places of one directory than are tried.
    mounts += [b"%d 30 0:200 / /many/%d rw - tmpfs many rw" % (1000 + nr, nr)
               for nr in range(20)]
    for table, lines in rows.items():
        with open(directory / "shmstat" / table, "ab") as out:
            out.write(b"\n".join(lines) + b"\n")
    with open(directory / "self/mountinfo", "ab") as out:
        out.write(b"\n".join(mounts) + b"\n")


chance = random.Random()


def flip(data):
    at = chance.randrange(len(data))
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1:]


def cut(data):
    return data[:chance.randrange(len(data))]


def drop_line(data):
    lines = data.splitlines(True)
    del lines[chance.randrange(len(lines))]
    return b"".join(lines)


def repeat_line(data):
    lines = data.splitlines(True)
    return b"".join(lines + [chance.choice(lines)] * chance.randrange(1, 50))


def other_number(data):
    numbers = list(re.finditer(rb"\d+", data))
    if not numbers:
        return data
    number = chance.choice(numbers)
    new = chance.choice([b"0", b"-1", b"99999999999999999999999", b"1" * 300,
                         b"18446744073709551615", b"nan", b"\\", b"\\1"])
    return data[:number.start()] + new + data[number.end():]


def drop_column(data):
    lines = [line.split(b" ") for line in data.splitlines()]
    column = chance.randrange(len(lines[0]))
    return b"".join(b" ".join(line[:column] + line[column + 1:]) + b"\n"
                    for line in lines)


def short_line(data):
    """One that lacks a column, as a line that was cut does."""
    lines = data.splitlines(True)
    at = chance.randrange(len(lines))
    lines[at] = b" ".join(lines[at].split(b" ")[:-1]) + b"\n"
    return b"".join(lines)


def long_line(data):
    """One of a megabyte, in one of its columns."""
    lines = data.splitlines(True)
    at = chance.randrange(len(lines))
    cells = lines[at].split(b" ")
    cell = chance.randrange(len(cells))
    cells[cell] = cells[cell].rstrip(b"\n") * (1 + (1 << 20) //
                                               max(1, len(cells[cell])))
    lines[at] = b" ".join(cells).rstrip(b"\n") + b"\n"
    return b"".join(lines)


def other_moment(data):
    """Some objects are gone, and others have their inodes' numbers."""
    return re.sub(rb"(?m)^(\d+:\d+:\d+:)(\d+)",
                  lambda found: found[1] + (found[2] if chance.random() < 0.6
                                            else found[2] + b"1"), data)


def other_header(data):
    """Columns in another order, and one that is not known."""
    header, rest = data.split(b"\n", 1)
    names = header.split(b" ")
    chance.shuffle(names)
    names[chance.randrange(len(names))] = b"new"
    return b" ".join(names) + b"\n" + rest


def no_rows(data):
    return data.splitlines(True)[0]


def long_name(data):
    return data.replace(b"memfd", b"\\303\\274x" * chance.randrange(5000))


def bytes_of_all_sorts(data):
    return bytes(chance.randrange(256) for _ in range(len(data)))


DAMAGES = [flip, cut, drop_line, repeat_line, other_number, other_number,
           drop_column, short_line, long_line, other_moment, other_header,
           no_rows, long_name, bytes_of_all_sorts]


# Those after which what is in a row is still what the kernel wrote.
HARMLESS = [cut, drop_line, repeat_line, drop_column, short_line, other_moment,
            no_rows]


def write_snapshot(tables):
    """One file of all tables in a directory, which are left out of it."""
    parts = []
    for name in ("objects holders cgroups pages maps sysv superblocks "
                 "summary").split():
        path = tables / name
        parts.append(b"# %s\n" % name.encode() + path.read_bytes())
        path.unlink()
    (tables / "snapshot").write_bytes(b"".join(parts))


def damage(directory, seed):
    """Damages one to three of the tables in a directory, at random.

    In every third, they are one snapshot.
    """
    chance.seed(seed)
    done = []
    if chance.randrange(3) == 0:
        write_snapshot(directory / "shmstat")
    tables = [table for table in sorted((directory / "shmstat").iterdir())
              if table.stat().st_size]
    # Not those of one object all the time.
    several = [table for table in tables if "extents" in table.name]
    tables = [table for table in tables if table not in several] + \
        chance.sample(several, min(3, len(several)))
    for table in chance.sample(tables, chance.randrange(1, 4)):
        data = table.read_bytes()
        done.append(chance.choice(DAMAGES))
        table.write_bytes(done[-1](data))
    return done


if __name__ == "__main__":
    damage(copy_tables(sys.argv[2]), int(sys.argv[1]))
