# SPDX-License-Identifier: GPL-2.0
"""
The mistakes that are made on purpose: each rule takes a line of C and yields
what it may become. None of them knows what the line is for.
"""
import dataclasses
import difflib
import pathlib
import re

from build.common import TOP


@dataclasses.dataclass(frozen=True)
class Mutant:
    """Line number @line of a file becomes @new."""
    path: pathlib.Path
    rule: str
    line: int
    old: str
    new: str

    def __str__(self):
        return f"{self.path}:{self.line} {self.rule}"

    def lines(self):
        return (TOP / self.path).read_text().splitlines(True)

    def text(self):
        lines = self.lines()
        lines[self.line - 1] = self.new
        return "".join(lines)

    def diff(self):
        return "".join(difflib.unified_diff(
            self.lines(), self.text().splitlines(True), f"a/{self.path}",
            f"b/{self.path}", n=3)).rstrip()


def code(line):
    """The line with its comment, strings and characters as blanks."""
    def blank(found):
        return " " * len(found[0])

    line = re.sub(r'"(\\.|[^"\\])*"|' r"'(\\.|[^'\\])+'", blank, line)
    line = re.sub(r"/\*.*?(\*/|$)|//.*", blank, line)
    return "" if re.match(r"\s*(\*|#)", line) else line


def balanced(text):
    return text.count("(") == text.count(")")


def replaced(line, found, new):
    return line[:found.start()] + new + line[found.end():]


def without_statement(line):
    return re.sub(r"\S.*", ";", line)


TURNED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
SWAPPED = {"&&": "||", "||": "&&", "+": "-", "-": "+", "+=": "-=", "-=": "+=",
           "|=": "&=", "&=": "|=", "<<": ">>", ">>": "<<", "*": "+", "/": "*"}
OPERATOR = re.compile(r" (&&|\|\||\+=|-=|\|=|&=|<<|>>|\+|-|\*|/) ")
# Not what only concerns programs that are started, as the command starts none.
FLAG = re.compile(r" \| (?!O_CLOEXEC)[A-Z][A-Z0-9_]{2,}\b|"
                  r"\b(?!O_CLOEXEC)[A-Z][A-Z0-9_]{2,} \| ")
# A name or number that ends a comparison, or starts a loop.
BOUND = re.compile(r"(?<= < | > )[\w>.-]*\w(?=[;)])|(?<= <= | >= )[\w>.-]*\w(?=[;)])|"
                   r"(?<=for \(\w = )\w+(?=;)|(?<=for \(\w\w = )\w+(?=;)")
STATEMENT = re.compile(r"\t+((\w|->|\.|\[[^]]*\])+ [-+|&]?= .*|"
                       r"(\w|->|\.)+(\+\+|--)|\w+\(.*\)|continue|break);$")
PUT_OR_GET = re.compile(r"\t+(?!seq_)(\w+_)?([fi]?put|[fi]?get|k?v?free|release|"
                        r"drop|close|unlink|destroy)(_\w+)?\(.*\);$")
LOCK = re.compile(r"\t+((\w+_)?(lock|unlock)(_(read|write|irq|nested))?|"
                  r"(down|up)_(read|write)\w*)\(.*\);$")


def comparison_turned(line):
    for found in re.finditer(r" (<=|>=|==|!=|<|>) ", code(line)):
        yield replaced(line, found, f" {TURNED[found[1]]} ")


def bound_by_one(line):
    for found in re.finditer(r" [-+] 1\b", code(line)):
        yield replaced(line, found, "")
    for found in BOUND.finditer(code(line)):
        yield replaced(line, found, f"{found[0]} + 1")


def operator_swapped(line):
    for found in OPERATOR.finditer(code(line)):
        yield replaced(line, found, f" {SWAPPED[found[1]]} ")


def condition_negated(line):
    for found in re.finditer(r"\b(if|while) \((!?)(?=\w)", code(line)):
        if balanced(code(line)):
            yield replaced(line, found,
                           f"{found[1]} ({'' if found[2] else '!'}")


def flag_left_out(line):
    for found in FLAG.finditer(code(line)):
        yield replaced(line, found, "")


def statement_dropped(line):
    text = code(line).rstrip()
    if STATEMENT.match(text) and balanced(text) and \
            not PUT_OR_GET.match(text) and not LOCK.match(text):
        yield without_statement(line)


def put_or_get_dropped(line):
    text = code(line).rstrip()
    if PUT_OR_GET.match(text) and balanced(text) and not LOCK.match(text):
        yield without_statement(line)


def lock_or_unlock_dropped(line):
    """One of a pair; the other is kept."""
    text = code(line).rstrip()
    if LOCK.match(text) and balanced(text):
        yield without_statement(line)


def enum_members(paths):
    """Each member of an enum, with those it may be mistaken for."""
    others = {}
    for path in paths:
        for body in re.findall(r"\benum \w* ?\{(.*?)\}", path.read_text(), re.S):
            names = re.findall(r"^\s*([A-Z]\w+)\b", body, re.M)
            for name in names:
                others[name] = [other for other in names if other != name]
    return others


def other_of_enum(members):
    def rule(line):
        if re.match(r"\s*(case\b|\[)|enum\b|\s[A-Z]\w+,?$", line):
            return
        for found in re.finditer(r"\b[A-Z]\w+\b", code(line)):
            for other in members.get(found[0], ())[:2]:
                yield replaced(line, found, other)
    return rule


PLAIN = (comparison_turned, bound_by_one, operator_swapped, condition_negated,
         flag_left_out, statement_dropped, put_or_get_dropped,
         lock_or_unlock_dropped)


def mutants_of(path, members):
    """
    Every mistake that the rules can make in a file.
    @path: below the project's directory
    @members: of enums, as enum_members() has them
    """
    rules = {rule.__name__.replace("_", " "): rule for rule in PLAIN}
    rules["other of enum"] = other_of_enum(members)
    lines = (TOP / path).read_text().splitlines(True)
    return [Mutant(path, name, nr, line, new)
            for name, rule in rules.items()
            for nr, line in enumerate(lines, 1)
            for new in dict.fromkeys(rule(line)) if new != line]
