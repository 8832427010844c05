# SPDX-License-Identifier: GPL-2.0
"""A file of samples that is made up, see shmstat-record(5)."""
import sqlite3

SCHEMA = """
PRAGMA application_id = 0x73686d73;
PRAGMA user_version = 1;
CREATE TABLE meta(name TEXT PRIMARY KEY, value);
CREATE TABLE machine(machine INTEGER PRIMARY KEY, boot TEXT, release TEXT,
    arch TEXT, pagesize INTEGER, hertz INTEGER,
    UNIQUE(boot, release, arch, pagesize, hertz));
CREATE TABLE sample(sample INTEGER PRIMARY KEY, time INTEGER NOT NULL,
    uptime INTEGER NOT NULL, machine INTEGER NOT NULL, why TEXT NOT NULL,
    shmem INTEGER, objects INTEGER);
CREATE TABLE text(text INTEGER PRIMARY KEY, value TEXT UNIQUE NOT NULL);
CREATE TABLE file_row(first INTEGER NOT NULL, until INTEGER, fork INTEGER,
    line INTEGER, path INTEGER REFERENCES text, blob INTEGER, link INTEGER);
CREATE TABLE blob(blob INTEGER PRIMARY KEY, hash, value BLOB);
"""
COLUMNS = {
    "objects": "id kind size pagesize resident swapped name",
    "holders": "id by pid comm",
    "cgroups": "id cgroup resident path",
}
NUMBERS = "size pagesize resident swapped pid cgroup".split()


class Recording:
    """Rows that come and go."""

    def __init__(self, path, pagesize=4096, host="machine"):
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.executescript(SCHEMA)
        for table, columns in COLUMNS.items():
            self.db.execute(f"CREATE TABLE {table}_row(first INTEGER NOT NULL, "
                            "until INTEGER, fork INTEGER, line INTEGER, "
                            + ", ".join(name + " INTEGER" if name in NUMBERS else
                                        f'"{name}" INTEGER REFERENCES text'
                                        for name in columns.split()) + ")")
        self.db.execute("INSERT INTO meta VALUES ('hostname', ?)", (host,))
        self.db.execute("BEGIN")
        self.texts = {}
        self.rows = {table: {} for table in COLUMNS}
        self.count = 0
        self.machine = 0
        self.boot(pagesize)

    def boot(self, pagesize=4096):
        """From here on, samples are of another boot."""
        self.machine += 1
        self.db.execute("INSERT INTO machine VALUES (?, ?, '6.1', 'x86_64', ?, 100)",
                        (self.machine, f"boot-{self.machine}", pagesize))

    def text(self, value):
        """Its number."""
        if value not in self.texts:
            self.texts[value] = len(self.texts) + 1
            self.db.execute("INSERT INTO text VALUES (?, ?)",
                            (self.texts[value], value))
        return self.texts[value]

    def sample(self, time, objects=(), holders=(), cgroups=(), why="interval"):
        """
        At so many seconds since 1970. objects: (id, kind, pages, swapped, more),
        holders: (id, by, pid, comm), cgroups: (id, bytes, path).
        """
        self.count += 1
        self.db.execute("INSERT INTO sample VALUES (?, ?, 0, ?, ?, 0, 0)",
                        (self.count, round(time * 1e6), self.machine, why))
        self.keep("objects", objects)
        self.keep("holders", holders)
        self.keep("cgroups", [(ident, 66, charged, path)
                              for ident, charged, path in cgroups])

    def keep(self, table, rows):
        """Those that did not change are there already."""
        names = COLUMNS[table].split()
        left = dict(self.rows[table])
        for row in rows:
            if left.pop(row, None) is not None:
                continue
            cells = [None if cell == "-" else cell if name in NUMBERS else
                     self.text(cell) for name, cell in zip(names, row)]
            marks = ", ".join("?" * len(cells))
            self.rows[table][row] = self.db.execute(
                f"INSERT INTO {table}_row VALUES (?, NULL, NULL, NULL, {marks})",
                (self.count, *cells)).lastrowid
        for row, number in left.items():
            self.db.execute(f"UPDATE {table}_row SET until = ? WHERE rowid = ?",
                            (self.count, number))
            del self.rows[table][row]

    def write(self):
        """It can be read."""
        self.db.execute("COMMIT")
        self.db.execute("BEGIN")

    def ask(self, sql, *values):
        """For those who expect something."""
        return self.db.execute(sql, values).fetchall()
