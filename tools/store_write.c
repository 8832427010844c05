// SPDX-License-Identifier: GPL-2.0
/*
 * Writes samples to a file.
 *
 * What is kept in memory of a row of the last sample is a hash of it and its number
 * in the file, so that a row that did not change costs nothing. The hash has 64 bits
 * and a secret seed; that two rows have the same one is not to be expected.
 *
 * A sample is one transaction: where that fails, nothing of it is left, neither in
 * the file nor in memory.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "store_db.h"
#include "store_write.h"
#include "text.h"
#include "xalloc.h"

/* Milliseconds to wait for another program that writes to the file. */
#define MAX_WAIT	2000

/* Bytes of the log beside the file: it stays as a reserve where a disk is full. */
#define LOG_SIZE	(4U << 20)

/* Bytes beside the file that are given up to make room where a disk is full. */
#define RESERVE		0x100000

/* Rows that are removed, or looked at, in one transaction. */
#define STEP		20000

/* Numbers of texts that are known by their hashes, a power of two. */
#define KNOWN_TEXTS	0x40000

/* A slot's row: its number, and these. */
#define SEEN		1
#define NEW		2
#define ROW_SHIFT	2

/**
 * struct slot - a row of the last sample
 * @hash: of what is in it
 * @row: its number in the file, and whether this sample has it and it is new; 0 if
 *	the slot is free
 */
struct slot {
	uint64_t hash;
	uint64_t row;
};

/**
 * struct written_table - a table of the file
 * @columns: its own columns
 * @from: for each, which of the cells of a row that comes, or -1
 * @insert: adds a row
 * @end: ends one
 * @slots: the rows of the last sample
 * @size: how many slots, 0 or a power of two
 * @used: how many of them
 * @numbered: whether the order of its rows is kept
 * @lines: rows of this sample so far
 */
struct written_table {
	struct store_columns columns;
	int *from;
	sqlite3_stmt *insert;
	sqlite3_stmt *end;
	struct slot *slots;
	size_t size;
	size_t used;
	bool numbered;
	size_t lines;
};

/**
 * struct marks - which texts, or contents of files, some row has
 * @bits: one for each, of those that there were at the start
 * @count: how many
 */
struct marks {
	uint8_t *bits;
	int64_t count;
};

/**
 * enum sweep - where the search for texts that no row has any more is
 */
enum sweep { SWEEP_NONE, SWEEP_MARK, SWEEP_TEXTS, SWEEP_BLOBS };

/**
 * struct writer - a file that is written to
 * @store: the file
 * @lock: a descriptor that keeps others from recording to it
 * @reserve: a file that is there to be given up; -1 if there is none
 * @tables: its tables
 * @count: how many
 * @room: how many there is room for
 * @at: that of the rows that come
 * @files: that of the files
 * @nr: the number of the sample
 * @error: what went wrong with it
 * @message: the same in words
 * @reload: whether what is in memory has to be read anew
 * @known: numbers of texts
 * @find_text: finds a text
 * @add_text: adds one
 * @find_blob: finds what was in a file
 * @add_blob: adds it
 * @sweep: where the search for unused texts is
 * @sweep_table: which table
 * @sweep_at: which row
 * @sweep_rows: rows looked at
 * @texts: used ones
 * @blobs: used ones
 * @removed: rows removed since the last search
 * @last_rows: rows that the last search looked at
 */
struct writer {
	struct store store;
	int lock;
	int reserve;
	struct written_table *tables;
	size_t count;
	size_t room;
	size_t at;
	size_t files;
	int64_t nr;
	int error;
	char message[200];
	bool reload;
	struct { uint64_t hash; int64_t nr; } *known;
	sqlite3_stmt *find_text;
	sqlite3_stmt *add_text;
	sqlite3_stmt *find_blob;
	sqlite3_stmt *add_blob;
	enum sweep sweep;
	size_t sweep_table;
	int64_t sweep_at;
	size_t sweep_rows;
	struct marks texts;
	struct marks blobs;
	size_t removed;
	size_t last_rows;
};

/* There is one, which is still known where the program ends. */
static struct writer *the_writer;

static const char schema[] =
	"CREATE TABLE meta (name TEXT PRIMARY KEY, value);"
	"CREATE TABLE machine (machine INTEGER PRIMARY KEY, boot TEXT, release TEXT,\n"
	"arch TEXT, pagesize INTEGER, hertz INTEGER,\n"
	"UNIQUE (boot, release, arch, pagesize, hertz));"
	"CREATE TABLE sample (sample INTEGER PRIMARY KEY, time INTEGER NOT NULL,\n"
	"uptime INTEGER NOT NULL, machine INTEGER NOT NULL REFERENCES machine,\n"
	"why TEXT NOT NULL, shmem INTEGER, objects INTEGER);"
	"CREATE TABLE text (text INTEGER PRIMARY KEY AUTOINCREMENT,\n"
	"value TEXT NOT NULL UNIQUE);"
	"CREATE TABLE blob (blob INTEGER PRIMARY KEY AUTOINCREMENT,\n"
	"hash INTEGER NOT NULL, value BLOB NOT NULL);"
	"CREATE INDEX blob_hash ON blob (hash);"
	"CREATE TABLE file_row (first INTEGER NOT NULL, until INTEGER, fork INTEGER,\n"
	"line INTEGER, path INTEGER NOT NULL REFERENCES text,\n"
	"blob INTEGER NOT NULL REFERENCES blob, link INTEGER NOT NULL);"
	"CREATE INDEX file_fork ON file_row (fork);"
	"CREATE VIEW files AS SELECT s.sample, s.time / 1e6 AS time,\n"
	"p.value AS path, b.value AS content, r.link\n"
	"FROM file_row r JOIN sample s ON s.sample >= r.first\n"
	"AND s.sample < ifnull(r.until, 9223372036854775807)\n"
	"JOIN text p ON p.text = r.path JOIN blob b USING (blob);"
	"PRAGMA application_id = 0x73686d73;"
	"PRAGMA user_version = 1;";

static void note(struct writer *writer, int error)
{
	if (writer->error)
		return;
	writer->error = error;
	snprintf(writer->message, sizeof(writer->message), "%s",
		 error == SQLITE_BUSY ? "another program keeps it locked" :
		 sqlite3_errmsg(writer->store.db));
}

static void __attribute__((noreturn)) give_up(const struct writer *writer)
{
	if ((writer->error & 0xff) == SQLITE_CORRUPT)
		errx(1, "%s: damaged: move it away, and record to a new file",
		     writer->store.path);
	errx(1, "%s: %s", writer->store.path, writer->message);
}

/* Notes what goes wrong, and does nothing behind that. */
static bool run(struct writer *writer, const char *statement)
{
	int error = writer->error ?:
		    sqlite3_exec(writer->store.db, statement, NULL, NULL, NULL);

	if (error)
		note(writer, error);
	return !error;
}

static sqlite3_stmt *make(struct writer *writer, const char *text)
{
	sqlite3_stmt *statement = store_prepare(writer->store.db, "%s", text);

	if (!statement)
		note(writer, sqlite3_errcode(writer->store.db));
	return statement;
}

/* Runs a statement that returns nothing. */
static bool done(struct writer *writer, sqlite3_stmt *statement)
{
	int error = writer->error ?: sqlite3_step(statement);

	if (error != SQLITE_DONE && error != SQLITE_ROW)
		note(writer, error);
	sqlite3_reset(statement);
	return !writer->error;
}

static int64_t ask(struct writer *writer, const char *text)
{
	sqlite3_stmt *statement = make(writer, text);
	int64_t number = 0;
	int error;

	if (!statement)
		return 0;
	error = sqlite3_step(statement);
	if (error == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	else if (error != SQLITE_DONE)
		note(writer, error);
	sqlite3_finalize(statement);
	return number;
}

/* A number of the samples that have a row, see store.c. */
static int64_t fork_of(int64_t first, int64_t last)
{
	while ((last & (last - 1)) >= first)
		last &= last - 1;
	return last;
}

static void sql_fork(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	sqlite3_result_int64(context,
			     fork_of(sqlite3_value_int64(values[0]),
				     sqlite3_value_int64(values[1])));
}

static bool is_used(const struct marks *marks, int64_t nr)
{
	return nr >= marks->count || marks->bits[nr / 8] & 1 << nr % 8;
}

static void mark(struct marks *marks, int64_t nr)
{
	if (nr >= 0 && nr < marks->count)
		marks->bits[nr / 8] |= 1 << nr % 8;
}

static int64_t find_or_add(struct writer *writer, sqlite3_stmt *find,
			   sqlite3_stmt *add)
{
	int64_t nr = 0;
	int error;

	if (writer->error)
		return 0;
	error = sqlite3_step(find);
	if (error == SQLITE_ROW)
		nr = sqlite3_column_int64(find, 0);
	else if (error != SQLITE_DONE)
		note(writer, error);
	sqlite3_reset(find);
	if (!nr && done(writer, add))
		nr = sqlite3_last_insert_rowid(writer->store.db);
	return nr;
}

static int64_t add_text(struct writer *writer, const char *text, size_t length)
{
	uint64_t hash = hash_long(0, text, length) ?: 1;
	size_t at = hash & (KNOWN_TEXTS - 1);

	if (writer->known[at].hash != hash) {
		sqlite3_bind_text(writer->find_text, 1, text, length,
				  SQLITE_STATIC);
		sqlite3_bind_text(writer->add_text, 1, text, length,
				  SQLITE_STATIC);
		writer->known[at].nr = find_or_add(writer, writer->find_text,
						   writer->add_text);
		writer->known[at].hash = writer->known[at].nr ? hash : 0;
	}
	mark(&writer->texts, writer->known[at].nr);
	return writer->known[at].nr;
}

/* The same for whoever reads the file: FNV-1a. */
static int64_t content_hash(const unsigned char *content, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < length; i++)
		hash = (hash ^ content[i]) * 0x100000001b3;
	return hash;
}

static int64_t add_blob(struct writer *writer, const void *content,
			size_t length)
{
	int64_t hash = content_hash(content, length), nr;

	sqlite3_bind_int64(writer->find_blob, 1, hash);
	sqlite3_bind_blob64(writer->find_blob, 2, content, length,
			    SQLITE_STATIC);
	sqlite3_bind_int64(writer->add_blob, 1, hash);
	sqlite3_bind_blob64(writer->add_blob, 2, content, length,
			    SQLITE_STATIC);
	nr = find_or_add(writer, writer->find_blob, writer->add_blob);
	mark(&writer->blobs, nr);
	return nr;
}

static void put_slot(struct written_table *table, struct slot slot)
{
	size_t at = slot.hash & (table->size - 1);

	while (table->slots[at].row)
		at = (at + 1) & (table->size - 1);
	table->slots[at] = slot;
}

static void add_slot(struct written_table *table, struct slot slot)
{
	if (table->used >= table->size / 4 * 3) {
		struct slot *old = table->slots;
		size_t size = table->size, at;

		table->size = size ? 2 * size : 64;
		table->slots = xcalloc(table->size, sizeof(*table->slots));
		for (at = 0; at < size; at++)
			if (old[at].row)
				put_slot(table, old[at]);
		free(old);
	}
	put_slot(table, slot);
	table->used++;
}

/* Others that are behind it because it was there move up. */
static void remove_slot(struct written_table *table, size_t free_at)
{
	size_t mask = table->size - 1, at = free_at;

	for (;;) {
		at = (at + 1) & mask;
		if (!table->slots[at].row)
			break;
		if (((at - table->slots[at].hash) & mask) >=
		    ((at - free_at) & mask)) {
			table->slots[free_at] = table->slots[at];
			free_at = at;
		}
	}
	table->slots[free_at] = (struct slot){};
	table->used--;
}

/* A row of the last sample that is this one, which is not looked at again. */
static bool see(struct written_table *table, uint64_t hash)
{
	size_t at;

	if (!table->size)
		return false;
	for (at = hash & (table->size - 1); table->slots[at].row;
	     at = (at + 1) & (table->size - 1)) {
		struct slot *slot = &table->slots[at];

		if (slot->hash == hash && !(slot->row & SEEN)) {
			slot->row |= SEEN;
			return true;
		}
	}
	return false;
}

static void table_finalize(struct written_table *table)
{
	sqlite3_finalize(table->insert);
	sqlite3_finalize(table->end);
	table->insert = NULL;
	table->end = NULL;
}

static void forget_tables(struct writer *writer)
{
	size_t i;

	for (i = 0; i < writer->count; i++) {
		table_finalize(&writer->tables[i]);
		store_columns_free(&writer->tables[i].columns);
		free(writer->tables[i].from);
		free(writer->tables[i].slots);
	}
	writer->count = 0;
}

/* Of a row as it is in the file. */
static uint64_t row_hash(struct writer *writer, struct written_table *table,
			 sqlite3_stmt *row)
{
	int error = SQLITE_OK;
	uint64_t hash = 0;
	size_t i;

	for (i = 0; !error && i < table->columns.count; i++) {
		const char *cell = store_cell(&writer->store, &table->columns,
					      row, i, &error);

		if (cell)
			hash = hash_long(hash, cell, strlen(cell));
	}
	if (error)
		note(writer, error);
	return hash;
}

static uint64_t file_hash(const char *path, const void *content, size_t length,
			  bool link)
{
	return hash_long(hash_long(link, path, strlen(path)), content, length);
}

/* Of a file as it is there: path, content, link. */
static uint64_t file_row_hash(sqlite3_stmt *row)
{
	return file_hash((const char *)sqlite3_column_text(row, 1),
			 sqlite3_column_blob(row, 2) ?: "",
			 sqlite3_column_bytes(row, 2),
			 sqlite3_column_int(row, 3));
}

/* Statements that change rows of a table, whose columns are known. */
static void make_statements(struct writer *writer, struct written_table *table)
{
	char *names = store_list(&table->columns, ", \"%w\"");
	char *values = store_list(&table->columns, ", ?%.0s");
	char *text;

	table_finalize(table);
	text = xcheck(sqlite3_mprintf("INSERT INTO \"%w_row\" (first, line%s) VALUES (?, ?%s)",
				      table->columns.table, names, values));
	table->insert = make(writer, text);
	sqlite3_free(text);
	text = xcheck(sqlite3_mprintf("UPDATE \"%w_row\" SET until = ?1,\n"
				      "fork = fork(first, ?1 - 1) WHERE rowid = ?2",
				      table->columns.table));
	table->end = make(writer, text);
	sqlite3_free(text);
	free(values);
	free(names);
}

static struct written_table *add_table(struct writer *writer, const char *name)
{
	struct written_table *table;

	writer->tables = xgrow(writer->tables, writer->count, &writer->room,
			       sizeof(*writer->tables));
	table = &writer->tables[writer->count++];
	*table = (struct written_table){
		/* Its order says what is a sum of what. */
		.numbered = !strcmp(name, "summary"),
	};
	if (store_columns(writer->store.db, name, &table->columns))
		note(writer, sqlite3_errcode(writer->store.db));
	return table;
}

/* The rows that the last sample in the file has. */
static void load_rows(struct writer *writer, struct written_table *table)
{
	bool file = !strcmp(table->columns.table, "file");
	char *names = store_list(&table->columns, ", \"%w\"");
	sqlite3_stmt *row = file ?
		make(writer, "SELECT r.rowid, value,\n"
		     "(SELECT value FROM blob b WHERE b.blob = r.blob), link\n"
		     "FROM file_row r LEFT JOIN text ON text = path\n"
		     "WHERE fork IS NULL") :
		store_prepare(writer->store.db,
			      "SELECT rowid%s FROM \"%w_row\" WHERE fork IS NULL",
			      names, table->columns.table);
	int error = SQLITE_DONE;

	free(names);
	while (row && !writer->error &&
	       (error = sqlite3_step(row)) == SQLITE_ROW)
		add_slot(table, (struct slot){
			.hash = file ? file_row_hash(row) :
				       row_hash(writer, table, row),
			.row = sqlite3_column_int64(row, 0) << ROW_SHIFT,
		});
	if (!row || error != SQLITE_DONE)
		note(writer, row ? error : SQLITE_CORRUPT);
	sqlite3_finalize(row);
}

static void load_tables(struct writer *writer)
{
	sqlite3_stmt *row = make(writer,
		"SELECT substr(name, 1, length(name) - 4) FROM sqlite_master\n"
		"WHERE type = 'table' AND name GLOB '*_row'");
	int error = SQLITE_DONE;

	forget_tables(writer);
	memset(writer->known, 0, KNOWN_TEXTS * sizeof(*writer->known));
	while (row && !writer->error &&
	       (error = sqlite3_step(row)) == SQLITE_ROW) {
		struct written_table *table = add_table(writer,
			(const char *)sqlite3_column_text(row, 0));

		make_statements(writer, table);
		load_rows(writer, table);
		if (!strcmp(table->columns.table, "file"))
			writer->files = table - writer->tables;
	}
	if (error != SQLITE_DONE)
		note(writer, error);
	sqlite3_finalize(row);
	writer->nr = ask(writer, "SELECT max(sample) FROM sample");
	writer->reload = writer->error;
}

/* Who records to it, as that wrote it down; 0 if unknown. */
static int recorder_of(const char *path)
{
	struct store *store = store_open(path);
	sqlite3_stmt *row = store_prepare(store->db,
		"SELECT value FROM meta WHERE name = 'pid'");
	int pid = row && sqlite3_step(row) == SQLITE_ROW ?
		  sqlite3_column_int(row, 0) : 0;

	sqlite3_finalize(row);
	store_close(store);
	return pid;
}

/* The file is ours alone to write to from here on. */
static int lock_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY |
		      O_NONBLOCK, 0600), pid;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", path);
	if (!S_ISREG(st.st_mode))
		errx(1, "%s: no regular file", path);
	if (st.st_uid != geteuid())
		errx(1,
		     "%s: of another user, who could change it meanwhile",
		     path);
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	if (errno != EWOULDBLOCK)
		err(1, "%s", path);
	pid = st.st_size ? recorder_of(path) : 0;
	if (pid)
		errx(1, "%s: process %d records to it already", path, pid);
	errx(1, "%s: another process records to it already", path);
}

/* What is no file of samples, or a newer one, is left alone. */
static void check_kind(struct writer *writer)
{
	const char *path = writer->store.path;
	int64_t kind = ask(writer, "PRAGMA application_id");
	int64_t version = ask(writer, "PRAGMA user_version");
	int64_t things = ask(writer, "SELECT count(*) FROM sqlite_master");

	if ((writer->error & 0xff) == SQLITE_NOTADB ||
	    (!writer->error && kind != STORE_ID && (kind || things)))
		errx(1,
		     "%s: no file of samples, as shmstat record writes them: it is left as it is",
		     path);
	if (!writer->error && version > STORE_VERSION)
		errx(1,
		     "%s: of version %lld, and this shmstat writes version %d: it wants a newer one, or a new file",
		     path, (long long)version, STORE_VERSION);
	if (!things) {
		run(writer, "PRAGMA auto_vacuum = INCREMENTAL");
		run(writer, "PRAGMA journal_mode = WAL");
		run(writer, "BEGIN IMMEDIATE");
		run(writer, schema);
		run(writer, "COMMIT");
	}
}

static void write_meta(struct writer *writer, const char *name,
		       const char *value)
{
	sqlite3_stmt *statement = make(writer,
		"INSERT OR REPLACE INTO meta VALUES (?, ?)");

	if (!statement)
		return;
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
	done(writer, statement);
	sqlite3_finalize(statement);
}

static void write_metas(struct writer *writer)
{
	char host[256] = "";
	char *pid = xasprintf("%d", getpid());

	gethostname(host, sizeof(host) - 1);
	run(writer, "BEGIN IMMEDIATE");
	write_meta(writer, "version", VERSION);
	write_meta(writer, "hostname", host);
	write_meta(writer, "pid", pid);
	run(writer, "COMMIT");
	free(pid);
}

/* It is a part of what the file may have. */
static void limit_log(struct writer *writer, uint64_t max_size)
{
	uint64_t size = max_size && max_size / 8 < LOG_SIZE ? max_size / 8 :
			LOG_SIZE;
	char *text = xasprintf("PRAGMA journal_size_limit = %" PRIu64 ";"
			       "PRAGMA wal_autocheckpoint = %" PRIu64,
			       size, size / 4096);

	run(writer, text);
	free(text);
}

static char *reserve_path(const struct writer *writer)
{
	return xasprintf("%s-reserve", writer->store.path);
}

/* Even to remove something takes room. Left over, it is used again. */
static void open_reserve(struct writer *writer)
{
	char *path = reserve_path(writer);
	struct stat st;

	writer->reserve = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
			       O_NONBLOCK | O_NOCTTY, 0600);
	free(path);
	/* Where others may write to the directory, it may be a file of anybody. */
	if (writer->reserve >= 0 && (fstat(writer->reserve, &st) ||
				     !S_ISREG(st.st_mode) ||
				     st.st_uid != geteuid() ||
				     st.st_nlink != 1)) {
		close(writer->reserve);
		writer->reserve = -1;
	}
	if (writer->reserve >= 0)
		posix_fallocate(writer->reserve, 0, RESERVE);
}

static void remove_reserve(struct writer *writer)
{
	char *path = reserve_path(writer);

	if (writer->reserve >= 0)
		close(writer->reserve);
	unlink(path);
	free(path);
}

/**
 * writer_open - open a file to write samples to it
 * @path: the file, which is made if there is none
 * @max_size: bytes that it may have; 0 for any
 * @drops: whether the oldest samples may be removed to make room
 *
 * Return: the file; ends the program, with an explanation, if it cannot be written.
 */
struct writer *writer_open(const char *path, uint64_t max_size, bool drops)
{
	/* Who makes thousands of the same hash only gets some stored again. */
	static const char find_blob[] =
		"SELECT blob FROM (SELECT blob, value FROM blob WHERE hash = ?\n"
		"ORDER BY blob DESC LIMIT 8) WHERE value = ?";
	static const char new_blob[] =
		"INSERT INTO blob (hash, value) VALUES (?, ?)";
	int lock = lock_file(path);
	struct writer *writer = xcalloc(1, sizeof(*writer));
	struct store *store = &writer->store;

	the_writer = writer;
	store_init(store, path);
	writer->known = xcalloc(KNOWN_TEXTS, sizeof(*writer->known));
	writer->lock = lock;
	writer->reserve = -1;
	if (drops)
		open_reserve(writer);
	if (sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE, NULL))
		errx(1, "%s: %s", path, sqlite3_errmsg(store->db));
	store_distrust(store->db);
	sqlite3_busy_timeout(store->db, MAX_WAIT);
	check_kind(writer);
	/* Each sample is on the disk before the next is made. */
	run(writer, "PRAGMA synchronous = FULL");
	run(writer, "PRAGMA temp_store = MEMORY");
	run(writer, "PRAGMA cell_size_check = ON");
	limit_log(writer, max_size);
	sqlite3_create_function(store->db, "fork", 2,
				SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
				sql_fork, NULL, NULL);
	writer->find_text = make(writer, "SELECT text FROM text WHERE value = ?");
	writer->add_text = make(writer, "INSERT INTO text (value) VALUES (?)");
	writer->find_blob = make(writer, find_blob);
	writer->add_blob = make(writer, new_blob);
	write_metas(writer);
	load_tables(writer);
	if (writer->error)
		give_up(writer);
	return writer;
}

/* Starts a sample; what goes wrong from here on is told by writer_end(). */
void writer_begin(struct writer *writer)
{
	size_t i;

	writer->error = SQLITE_OK;
	if (writer->reload)
		load_tables(writer);
	run(writer, "BEGIN IMMEDIATE");
	for (i = 0; i < writer->count; i++)
		writer->tables[i].lines = 0;
}

static bool is_own_column(const char *name)
{
	static const char *const own[] = {
		ROW_COLUMNS, "sample", "time", "rowid", NULL
	};

	return is_one_of(name, own);
}

/* What the views of a table show: the rows of each sample, with texts. */
static void make_view(struct writer *writer, const struct store_columns *columns)
{
	size_t length, i;
	char *text, *part;
	FILE *out = xmemstream(&text, &length);

	part = sqlite3_mprintf("DROP VIEW IF EXISTS \"%w\";\n"
			       "CREATE VIEW \"%w\" AS SELECT s.sample,\n"
			       "s.time / 1e6 AS time",
			       columns->table, columns->table);
	fputs(xcheck(part), out);
	sqlite3_free(part);
	for (i = 0; i < columns->count; i++) {
		part = columns->text[i] ?
		       sqlite3_mprintf(", t%d.value AS \"%w\"", (int)i,
				       columns->names[i]) :
		       sqlite3_mprintf(", r.\"%w\"", columns->names[i]);
		fputs(xcheck(part), out);
		sqlite3_free(part);
	}
	part = sqlite3_mprintf(" FROM \"%w_row\" r JOIN sample s\n"
			       "ON s.sample >= r.first AND s.sample <\n"
			       "ifnull(r.until, 9223372036854775807)",
			       columns->table);
	fputs(xcheck(part), out);
	sqlite3_free(part);
	for (i = 0; i < columns->count; i++) {
		if (!columns->text[i])
			continue;
		part = sqlite3_mprintf(" LEFT JOIN text t%d ON t%d.text = r.\"%w\"",
				       (int)i, (int)i, columns->names[i]);
		fputs(xcheck(part), out);
		sqlite3_free(part);
	}
	xfclose(out);
	run(writer, text);
	free(text);
}

static void add_column(struct writer *writer, const char *table,
		       const char *name)
{
	char *text = xcheck(sqlite3_mprintf("ALTER TABLE \"%w_row\" ADD COLUMN \"%w\" INTEGER %s",
					    table, name,
					    table_is_numeric(table, name) ?
					    "" : "REFERENCES text"));

	run(writer, text);
	sqlite3_free(text);
}

static struct written_table *find_table(struct writer *writer, const char *name)
{
	size_t i;

	for (i = 0; i < writer->count; i++)
		if (!strcmp(writer->tables[i].columns.table, name))
			return &writer->tables[i];
	return NULL;
}

static struct written_table *make_table(struct writer *writer, const char *name)
{
	char *text = xcheck(sqlite3_mprintf("CREATE TABLE \"%w_row\" (first INTEGER NOT NULL,\n"
					    "until INTEGER, fork INTEGER, line INTEGER);\n"
					    "CREATE INDEX \"%w_fork\" ON \"%w_row\" (fork);",
					    name, name, name));

	writer->reload = true;
	run(writer, text);
	sqlite3_free(text);
	return add_table(writer, name);
}

static int column_at(const struct store_columns *columns, const char *name)
{
	size_t i;

	for (i = 0; i < columns->count; i++)
		if (!strcmp(columns->names[i], name))
			return i;
	return -1;
}

/* Columns that the file does not have yet. Returns whether there are any. */
static bool add_columns(struct writer *writer, struct written_table *table,
			char *const *names, size_t count)
{
	bool added = false;
	size_t i;

	for (i = 0; i < count; i++) {
		if (column_at(&table->columns, names[i]) >= 0)
			continue;
		/* Until a version of the file has another name for it. */
		if (is_own_column(names[i]))
			continue;
		writer->reload = true;
		add_column(writer, table->columns.table, names[i]);
		added = true;
	}
	return added;
}

/* All that is known of a table by its columns. */
static void change_table(struct writer *writer, struct written_table *table)
{
	char *name = xstrdup(table->columns.table);

	store_columns_free(&table->columns);
	if (store_columns(writer->store.db, name, &table->columns))
		note(writer, sqlite3_errcode(writer->store.db));
	make_view(writer, &table->columns);
	make_statements(writer, table);
	/* What rows are compared by has changed. */
	free(table->slots);
	table->slots = NULL;
	table->size = 0;
	table->used = 0;
	load_rows(writer, table);
	free(name);
}

/**
 * writer_table - start a table of the sample
 * @writer: where
 * @name: the table's
 * @names: of its columns, as it has them now
 * @count: how many
 */
void writer_table(struct writer *writer, const char *name,
		  const struct cell *names, size_t count)
{
	struct written_table *table;
	char **columns;
	size_t i;

	if (writer->error)
		return;
	table = find_table(writer, name) ?: make_table(writer, name);
	columns = xcalloc(count, sizeof(*columns));
	for (i = 0; i < count; i++)
		columns[i] = xstrndup(names[i].text, names[i].length);
	if (add_columns(writer, table, columns, count))
		change_table(writer, table);
	free(table->from);
	table->from = xcalloc(table->columns.count, sizeof(*table->from));
	for (i = 0; i < table->columns.count; i++)
		table->from[i] = -1;
	for (i = 0; i < count; i++) {
		int at = column_at(&table->columns, columns[i]);

		if (at >= 0)
			table->from[at] = i;
		free(columns[i]);
	}
	free(columns);
	writer->at = table - writer->tables;
}

/* A number that comes back as it is written; false if it would not. */
static bool parse_number(const struct cell *cell, int64_t *number)
{
	size_t i;

	*number = 0;
	if (!cell->length || (cell->length > 1 && *cell->text == '0'))
		return false;
	for (i = 0; i < cell->length; i++) {
		unsigned int digit = (unsigned char)cell->text[i] - '0';

		if (digit > 9 || __builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, digit, number))
			return false;
	}
	return true;
}

static void bind_cell(struct writer *writer, sqlite3_stmt *insert, int at,
		      const struct cell *cell, bool text)
{
	int64_t number;

	if (cell_is(cell, "-"))
		sqlite3_bind_null(insert, at);
	else if (text)
		sqlite3_bind_int64(insert, at, add_text(writer, cell->text,
							cell->length));
	else if (parse_number(cell, &number))
		sqlite3_bind_int64(insert, at, number);
	else
		/* Which no column makes a number of. */
		sqlite3_bind_blob(insert, at, cell->text, cell->length,
				  SQLITE_STATIC);
}

static void add_row(struct writer *writer, struct written_table *table,
		    uint64_t hash)
{
	sqlite3_bind_int64(table->insert, 1, writer->nr + 1);
	if (!done(writer, table->insert))
		return;
	add_slot(table, (struct slot){
		.hash = hash,
		.row = (uint64_t)sqlite3_last_insert_rowid(writer->store.db)
		       << ROW_SHIFT | SEEN | NEW,
	});
}

/**
 * writer_row - a row of the table that was started last
 * @writer: where
 * @cells: as many as the table was said to have columns
 */
void writer_row(struct writer *writer, const struct cell *cells)
{
	struct written_table *table = &writer->tables[writer->at];
	static const struct cell none = { "-", 1 };
	uint64_t hash = 0;
	size_t i;

	if (writer->error)
		return;
	table->lines++;
	for (i = 0; i < table->columns.count; i++) {
		const struct cell *cell = table->from[i] < 0 ? &none :
					  &cells[table->from[i]];

		hash = hash_long(hash, cell->text, cell->length);
	}
	if (see(table, hash))
		return;
	for (i = 0; i < table->columns.count; i++)
		bind_cell(writer, table->insert, i + 3, table->from[i] < 0 ?
			  &none : &cells[table->from[i]],
			  table->columns.text[i]);
	if (table->numbered)
		sqlite3_bind_int64(table->insert, 2, table->lines);
	add_row(writer, table, hash);
}

/**
 * writer_file - a file of the machine
 * @writer: where
 * @path: its path below the root, such as "proc/1/comm"
 * @content: what is in it; of a symbolic link, what it leads to
 * @length: of that
 * @link: whether it is a symbolic link
 */
void writer_file(struct writer *writer, const char *path, const void *content,
		 size_t length, bool link)
{
	struct written_table *table = &writer->tables[writer->files];
	uint64_t hash = file_hash(path, content, length, link);

	if (writer->error || see(table, hash))
		return;
	sqlite3_bind_int64(table->insert, 3,
			   add_text(writer, path, strlen(path)));
	sqlite3_bind_int64(table->insert, 4,
			   add_blob(writer, content, length));
	sqlite3_bind_int64(table->insert, 5, link);
	add_row(writer, table, hash);
}

/* Takes rows that came with this sample back, and keeps those of the last one. */
static void keep_rows(struct writer *writer, struct written_table *table)
{
	sqlite3_stmt *gone = store_prepare(writer->store.db,
		"DELETE FROM \"%w_row\" WHERE rowid = ?",
		table->columns.table);
	size_t at = 0;

	if (!gone)
		note(writer, sqlite3_errcode(writer->store.db));
	while (at < table->size && !writer->error) {
		struct slot *slot = &table->slots[at];

		if (slot->row & NEW) {
			sqlite3_bind_int64(gone, 1, slot->row >> ROW_SHIFT);
			done(writer, gone);
			remove_slot(table, at);
			continue;
		}
		if (slot->row)
			slot->row |= SEEN;
		at++;
	}
	sqlite3_finalize(gone);
}

/**
 * writer_keep - let a sample have what the last one had beside the module's tables
 * @writer: where
 */
void writer_keep(struct writer *writer)
{
	struct written_table *places = find_table(writer, "places");

	keep_rows(writer, &writer->tables[writer->files]);
	if (places)
		keep_rows(writer, places);
}

/* Rows that this sample has no more. */
static void end_rows(struct writer *writer, struct written_table *table)
{
	size_t at;

	for (at = 0; at < table->size && !writer->error; at++) {
		const struct slot *slot = &table->slots[at];

		if (!slot->row || slot->row & SEEN)
			continue;
		sqlite3_bind_int64(table->end, 1, writer->nr + 1);
		sqlite3_bind_int64(table->end, 2, slot->row >> ROW_SHIFT);
		done(writer, table->end);
	}
}

/* What is in memory is as the file is: with or without this sample. */
static void settle(struct written_table *table, bool written)
{
	size_t at = 0;

	while (at < table->size) {
		struct slot *slot = &table->slots[at];

		if (slot->row && (written ? !(slot->row & SEEN) :
				  slot->row & NEW)) {
			/* Another may be here then, also one from the start. */
			remove_slot(table, at);
			continue;
		}
		at++;
	}
	for (at = 0; at < table->size; at++)
		table->slots[at].row &= ~(uint64_t)(SEEN | NEW);
}

static void bind_machine(sqlite3_stmt *statement, const struct sample *sample)
{
	sqlite3_bind_text(statement, 1, sample->boot, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, sample->release, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, sample->arch, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 4, sample->pagesize);
	sqlite3_bind_int64(statement, 5, sample->hertz);
}

static int64_t add_machine(struct writer *writer, const struct sample *sample)
{
	sqlite3_stmt *find = make(writer,
		"SELECT machine FROM machine WHERE boot = ? AND release = ?\n"
		"AND arch = ? AND pagesize = ? AND hertz = ?");
	sqlite3_stmt *add = make(writer,
		"INSERT INTO machine (boot, release, arch, pagesize, hertz)\n"
		"VALUES (?, ?, ?, ?, ?)");
	int64_t nr = 0;

	if (find && add) {
		bind_machine(find, sample);
		bind_machine(add, sample);
		nr = find_or_add(writer, find, add);
	}
	sqlite3_finalize(find);
	sqlite3_finalize(add);
	return nr;
}

static void add_sample(struct writer *writer, const struct sample *sample)
{
	sqlite3_stmt *add = make(writer,
		"INSERT INTO sample (sample, time, uptime, machine, why, shmem, objects)\n"
		"VALUES (?, ?, ?, ?, ?, ?, ?)");

	if (!add)
		return;
	sqlite3_bind_int64(add, 1, writer->nr + 1);
	sqlite3_bind_int64(add, 2, sample->time);
	sqlite3_bind_int64(add, 3, sample->uptime);
	sqlite3_bind_int64(add, 4, add_machine(writer, sample));
	sqlite3_bind_text(add, 5, sample->why, -1, SQLITE_STATIC);
	sqlite3_bind_int64(add, 6, sample->shmem);
	sqlite3_bind_int64(add, 7, sample->objects);
	done(writer, add);
	sqlite3_finalize(add);
}

/* Nothing of what was written since the transaction began is kept. */
static void roll_back(struct writer *writer)
{
	if (!sqlite3_get_autocommit(writer->store.db))
		sqlite3_exec(writer->store.db, "ROLLBACK", NULL, NULL, NULL);
	memset(writer->known, 0, KNOWN_TEXTS * sizeof(*writer->known));
}

/* Errors after which the same file may be written to again. */
static bool may_pass(int error)
{
	error &= 0xff;
	return error == SQLITE_FULL || error == SQLITE_IOERR ||
	       error == SQLITE_BUSY || error == SQLITE_LOCKED ||
	       error == SQLITE_CANTOPEN || error == SQLITE_PROTOCOL ||
	       error == SQLITE_NOMEM;
}

static enum written failed(struct writer *writer)
{
	if (!may_pass(writer->error))
		give_up(writer);
	return NO_ROOM;
}

static void check_moved(struct writer *writer)
{
	int moved = 0;

	sqlite3_file_control(writer->store.db, "main", SQLITE_FCNTL_HAS_MOVED,
			     &moved);
	if (moved)
		errx(1, "%s: it was moved or removed; start again to record to a new file",
		     writer->store.path);
}

/**
 * writer_end - end a sample, so that it is in the file
 * @writer: where
 * @sample: what is known of it; its number is filled in
 *
 * Return: whether it is. Ends the program, with an explanation, if the file is
 *	damaged, or is no longer there.
 */
enum written writer_end(struct writer *writer, struct sample *sample)
{
	size_t i;

	check_moved(writer);
	for (i = 0; i < writer->count; i++)
		end_rows(writer, &writer->tables[i]);
	if (!writer->error)
		add_sample(writer, sample);
	run(writer, "COMMIT");
	if (writer->error) {
		writer_cancel(writer);
		return failed(writer);
	}
	writer->reload = false;
	sample->nr = ++writer->nr;
	for (i = 0; i < writer->count; i++)
		settle(&writer->tables[i], true);
	return WRITTEN;
}

/* Ends a sample of which nothing is kept. */
void writer_cancel(struct writer *writer)
{
	size_t i;

	roll_back(writer);
	for (i = 0; i < writer->count; i++)
		settle(&writer->tables[i], false);
}

/* Why the last sample is not in the file. */
const char *writer_error(const struct writer *writer)
{
	return writer->message;
}

static int64_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_size;
}

/* Bytes of what is in the file, and of the log beside it. */
static int64_t used_size(struct writer *writer)
{
	char *log = xasprintf("%s-wal", writer->store.path);
	int64_t size = file_size(log);

	free(log);
	return size + (ask(writer, "PRAGMA page_count") -
		       ask(writer, "PRAGMA freelist_count")) *
		      ask(writer, "PRAGMA page_size");
}

/* Rows of no sample from this one on. Returns how many were removed. */
static size_t remove_rows(struct writer *writer, const char *table,
			  int64_t oldest, int limit)
{
	sqlite3_stmt *statement = store_prepare(writer->store.db,
		"DELETE FROM \"%w_row\" WHERE rowid IN (SELECT rowid FROM \"%w_row\"\n"
		"WHERE fork < %lld AND until <= %lld LIMIT %d)",
		table, table, (long long)oldest, (long long)oldest, limit);
	size_t count = 0;

	if (!statement)
		note(writer, sqlite3_errcode(writer->store.db));
	else if (done(writer, statement))
		count = sqlite3_changes(writer->store.db);
	sqlite3_finalize(statement);
	return count;
}

static bool commit(struct writer *writer)
{
	run(writer, "COMMIT");
	if (writer->error)
		roll_back(writer);
	return !writer->error;
}

/* Readers see either all of a sample or that it is gone. */
static void remove_samples(struct writer *writer, int64_t oldest, int limit)
{
	char *text = xasprintf("DELETE FROM sample WHERE sample < %" PRId64,
			       oldest);
	size_t i, count;

	run(writer, "BEGIN IMMEDIATE");
	run(writer, text);
	commit(writer);
	free(text);
	for (i = 0; i < writer->count; i++) {
		do {
			run(writer, "BEGIN IMMEDIATE");
			count = remove_rows(writer,
					    writer->tables[i].columns.table,
					    oldest, limit);
			if (!commit(writer))
				return;
			writer->removed += count;
		} while (count);
	}
}

static void marks_init(struct marks *marks, int64_t max)
{
	marks->count = max + 1;
	marks->bits = xcalloc(marks->count / 8 + 1, 1);
}

static void marks_free(struct marks *marks)
{
	free(marks->bits);
	*marks = (struct marks){};
}

static void sweep_begin(struct writer *writer)
{
	size_t least = writer->last_rows / 8;

	if (writer->removed < (least > STEP / 4 ? least : STEP / 4))
		return;
	marks_init(&writer->texts, ask(writer, "SELECT max(text) FROM text"));
	marks_init(&writer->blobs, ask(writer, "SELECT max(blob) FROM blob"));
	writer->sweep = SWEEP_MARK;
	writer->sweep_table = 0;
	writer->sweep_at = 0;
	writer->sweep_rows = 0;
	writer->removed = 0;
}

static void mark_row(struct writer *writer, const struct store_columns *columns,
		     sqlite3_stmt *row)
{
	size_t i;

	for (i = 0; i < columns->count; i++) {
		int64_t nr = sqlite3_column_int64(row, i + 1);

		if (columns->text[i])
			mark(&writer->texts, nr);
		else if (!strcmp(columns->names[i], "blob"))
			mark(&writer->blobs, nr);
	}
}

/* Returns how many rows of a table were looked at. */
static size_t mark_rows(struct writer *writer, int limit)
{
	const struct store_columns *columns;
	sqlite3_stmt *row;
	size_t count = 0;
	char *names;

	columns = &writer->tables[writer->sweep_table].columns;
	names = store_list(columns, ", \"%w\"");
	row = store_prepare(writer->store.db,
			    "SELECT rowid%s FROM \"%w_row\" WHERE rowid > %lld\n"
			    "ORDER BY rowid LIMIT %d", names, columns->table,
			    (long long)writer->sweep_at, limit);
	free(names);
	while (row && sqlite3_step(row) == SQLITE_ROW) {
		mark_row(writer, columns, row);
		writer->sweep_at = sqlite3_column_int64(row, 0);
		count++;
	}
	if (!row || sqlite3_finalize(row))
		note(writer, sqlite3_errcode(writer->store.db));
	return count;
}

/* Texts that rows have; those of rows to come are marked as these come. */
static void sweep_mark(struct writer *writer)
{
	size_t left = STEP, count;

	while (left && !writer->error) {
		if (writer->sweep_table == writer->count) {
			writer->sweep = SWEEP_TEXTS;
			writer->sweep_at = 0;
			return;
		}
		count = mark_rows(writer, left);
		writer->sweep_rows += count;
		left -= count;
		if (count)
			continue;
		writer->sweep_table++;
		writer->sweep_at = 0;
	}
}

/* Those that no row has go. Returns whether all were looked at. */
static bool sweep_unused(struct writer *writer, const char *table,
			 const struct marks *marks)
{
	sqlite3_stmt *row = store_prepare(writer->store.db,
		"SELECT %s FROM %s WHERE %s > %lld AND %s < %lld ORDER BY 1 LIMIT %d",
		table, table, table, (long long)writer->sweep_at, table,
		(long long)marks->count, STEP);
	sqlite3_stmt *gone = store_prepare(writer->store.db,
		"DELETE FROM %s WHERE %s = ?", table, table);
	int64_t at = writer->sweep_at;
	size_t count = 0;

	run(writer, "BEGIN IMMEDIATE");
	while (!writer->error && sqlite3_step(row) == SQLITE_ROW) {
		at = sqlite3_column_int64(row, 0);
		count++;
		if (is_used(marks, at))
			continue;
		sqlite3_bind_int64(gone, 1, at);
		done(writer, gone);
	}
	sqlite3_finalize(row);
	sqlite3_finalize(gone);
	if (commit(writer))
		writer->sweep_at = at;
	/* It may have known one that went. */
	memset(writer->known, 0, KNOWN_TEXTS * sizeof(*writer->known));
	return !writer->error && !count;
}

static void sweep_step(struct writer *writer)
{
	switch (writer->sweep) {
	case SWEEP_NONE:
		sweep_begin(writer);
		break;
	case SWEEP_MARK:
		sweep_mark(writer);
		break;
	case SWEEP_TEXTS:
		if (sweep_unused(writer, "text", &writer->texts)) {
			writer->sweep = SWEEP_BLOBS;
			writer->sweep_at = 0;
		}
		break;
	case SWEEP_BLOBS:
		if (sweep_unused(writer, "blob", &writer->blobs)) {
			writer->sweep = SWEEP_NONE;
			writer->last_rows = writer->sweep_rows;
			marks_free(&writer->texts);
			marks_free(&writer->blobs);
		}
		break;
	}
}

/* The first sample that is not older, or else the last one. */
static int64_t first_since(struct writer *writer, int64_t time)
{
	char *text = xasprintf("SELECT sample FROM sample WHERE time >= %" PRId64
			       " ORDER BY sample LIMIT 1", time);
	int64_t nr = ask(writer, text);

	free(text);
	return nr ?: writer->nr;
}

static int64_t first_sample(struct writer *writer)
{
	return ask(writer, "SELECT min(sample) FROM sample");
}

/**
 * writer_trim - keep the file from growing, by removing the oldest samples
 * @writer: where
 * @oldest: time of the oldest that is kept; INT64_MIN for all
 * @max_size: bytes that the file may have; 0 for any
 *
 * Takes a part of a sample's time. The last sample always stays.
 *
 * Return: false if the last sample alone is more than that.
 */
bool writer_trim(struct writer *writer, int64_t oldest, uint64_t max_size)
{
	int64_t first, keep, size = 0;
	int rounds = 16;

	writer->error = SQLITE_OK;
	first = first_sample(writer);
	if (oldest != INT64_MIN) {
		keep = first_since(writer, oldest);
		/* Not each time, as it takes a look at what stays. */
		if (keep > first + (writer->nr - first) / 256)
			remove_samples(writer, keep, STEP);
	}
	while (max_size && !writer->error && rounds--) {
		size = used_size(writer);
		first = first_sample(writer);
		if ((uint64_t)size <= max_size || first >= writer->nr)
			break;
		remove_samples(writer, first + 1 + (writer->nr - first) / 64,
			       STEP);
		sweep_step(writer);
	}
	sweep_step(writer);
	if (max_size && (uint64_t)file_size(writer->store.path) > max_size)
		run(writer, "PRAGMA incremental_vacuum(256)");
	if (writer->error) {
		roll_back(writer);
		failed(writer);
	}
	return !max_size || (uint64_t)size <= max_size || first < writer->nr;
}

/**
 * writer_drop - make room in the file, by removing the oldest samples
 * @writer: where
 *
 * Return: whether there were any, and they could be removed.
 */
bool writer_drop(struct writer *writer)
{
	int64_t first;

	writer->error = SQLITE_OK;
	/* What is in the log goes into the file, and the log gives up its room. */
	if (writer->reserve >= 0 && ftruncate(writer->reserve, 0))
		return false;
	run(writer, "PRAGMA wal_checkpoint(TRUNCATE)");
	first = first_sample(writer);
	if (!writer->error && first < writer->nr) {
		/* In small steps, as that is written to the log as well. */
		remove_samples(writer, first + 1 + (writer->nr - first) / 16,
			       1000);
		run(writer, "PRAGMA wal_checkpoint(TRUNCATE)");
	}
	if (writer->reserve >= 0)
		posix_fallocate(writer->reserve, 0, RESERVE);
	return !writer->error && first < writer->nr;
}

void writer_close(struct writer *writer)
{
	writer->error = SQLITE_OK;
	run(writer, "DELETE FROM meta WHERE name = 'pid'");
	forget_tables(writer);
	free(writer->tables);
	sqlite3_finalize(writer->find_text);
	sqlite3_finalize(writer->add_text);
	sqlite3_finalize(writer->find_blob);
	sqlite3_finalize(writer->add_blob);
	marks_free(&writer->texts);
	marks_free(&writer->blobs);
	remove_reserve(writer);
	store_release(&writer->store);
	free(writer->known);
	close(writer->lock);
	free(writer);
	the_writer = NULL;
}
