# SPDX-License-Identifier: GPL-2.0
"""Names that somebody may have chosen to do harm, and tables with them."""
import pathlib
import shutil

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
    b"\x9b31m", b"\x00"[1:] or b"a", b"\xc3\xbc", b"\xe3\x81\x82", b"\xff\xfe",
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
