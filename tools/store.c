// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a file of samples.
 *
 * A row is stored once for as long as it does not change, with the first sample that
 * has it and the first that has it no more. "fork" is, of all samples that have it,
 * the one whose number has the most zero bits at its end: so the rows of a sample
 * are at one of few numbers, which an index finds.
 *
 * Where the file is damaged, all rows are gone through by their numbers instead, and
 * those that can be read are taken.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"
#include "store_db.h"
#include "text.h"
#include "xalloc.h"

/* Milliseconds to wait for another program that uses the file. */
#define MAX_WAIT	10000

/* How far behind a row that cannot be read the next one is looked for. */
#define MAX_STEP	((int64_t)1 << 40)

static bool is_damage(int error)
{
	error &= 0xff;
	return error == SQLITE_CORRUPT || error == SQLITE_NOTADB;
}

static void __attribute__((noreturn)) fail(struct store *store, int error)
{
	if (is_damage(error))
		errx(1, "%s: damaged: nothing of it can be read", store->path);
	errx(1, "%s: %s", store->path, error == SQLITE_BUSY ?
	     "another program keeps it locked" : sqlite3_errstr(error));
}

/* The number that a statement returns. */
static int ask(struct store *store, const char *statement, int64_t *number)
{
	sqlite3_stmt *row = store_prepare(store->db, "%s", statement);
	int error = sqlite3_extended_errcode(store->db);

	if (!row)
		return error;
	error = sqlite3_step(row);
	if (error == SQLITE_ROW) {
		*number = sqlite3_column_int64(row, 0);
		error = SQLITE_OK;
	}
	sqlite3_finalize(row);
	return error;
}

static int run(struct store *store, const char *statement)
{
	return sqlite3_exec(store->db, statement, NULL, NULL, NULL);
}

/* Whether other files have what is not in the file itself yet. */
static bool has_wal(const char *path)
{
	char *wal = xasprintf("%s-wal", path);
	struct stat st;
	bool found = !stat(wal, &st) && st.st_size;

	free(wal);
	return found;
}

/* As where nobody can write to it: its directory may not be ours to write to. */
static void open_fixed(struct store *store)
{
	char *uri, *at;
	const char *c;

	if (has_wal(store->path))
		errx(1,
		     "%s: %s-wal belongs to it and cannot be read: copy both to where you may write",
		     store->path, store->path);
	uri = xmalloc(3 * strlen(store->path) + 32);
	at = stpcpy(uri, "file:");
	for (c = store->path; *c; c++)
		at += sprintf(at, strchr("%?#", *c) ? "%%%02x" : "%c",
			      (unsigned char)*c);
	strcpy(at, "?immutable=1");
	sqlite3_close(store->db);
	if (sqlite3_open_v2(uri, &store->db,
			    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL))
		fail(store, sqlite3_errcode(store->db));
	store_distrust(store->db);
	free(uri);
}

/* Tables and columns that are not in the file, but made of something by SQLite. */
static bool has_computed(struct store *store)
{
	int64_t found = 0;

	ask(store, "SELECT 1 FROM sqlite_master m, pragma_table_xinfo(m.name) c\n"
	    "WHERE m.type = 'table' AND (m.rootpage = 0 OR c.hidden) LIMIT 1",
	    &found);
	return found;
}

/* Also a file that ends too early is looked into. */
static void check_kind(struct store *store)
{
	static const char id[] = "PRAGMA application_id";
	int64_t kind = 0, version = 0;
	int error = ask(store, id, &kind);

	if ((error & 0xff) == SQLITE_CANTOPEN ||
	    (error & 0xff) == SQLITE_READONLY) {
		open_fixed(store);
		error = ask(store, id, &kind);
	}
	if ((error & 0xff) == SQLITE_CORRUPT) {
		warnx("%s: damaged: what can be read of it follows",
		      store->path);
		run(store, "PRAGMA writable_schema = ON");
		error = ask(store, id, &kind);
	}
	if ((error & 0xff) == SQLITE_NOTADB || (!error && kind != STORE_ID) ||
	    has_computed(store))
		errx(1,
		     "%s: no file of samples, as shmstat record writes them",
		     store->path);
	error = error ?: ask(store, "PRAGMA user_version", &version);
	if (error)
		fail(store, error);
	if (version > STORE_VERSION)
		errx(1,
		     "%s: of version %lld, and this shmstat knows version %d: it wants a newer one",
		     store->path, (long long)version, STORE_VERSION);
}

/**
 * store_open - open a file of samples to read it
 * @path: the file
 *
 * Return: the file; ends the program, with an explanation, if it cannot be read.
 */
struct store *store_open(const char *path)
{
	struct store *store = xcalloc(1, sizeof(*store));
	struct stat st;

	if (stat(path, &st) || access(path, R_OK))
		err(1, "%s", path);
	if (!S_ISREG(st.st_mode))
		errx(1, "%s: no regular file", path);
	store_init(store, path);
	if (sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READONLY, NULL))
		fail(store, sqlite3_errcode(store->db));
	store_distrust(store->db);
	sqlite3_busy_timeout(store->db, MAX_WAIT);
	run(store, "PRAGMA cell_size_check = ON");
	check_kind(store);
	return store;
}

/**
 * store_rest - let the recorder tidy the file up
 * @store: the file, which is to be left alone for a while
 *
 * What is read of a sample after that may not agree with what was read before.
 */
void store_rest(struct store *store)
{
	if (store->reading)
		run(store, "COMMIT");
	store->reading = false;
}

/* From here on, the file is read as it is now. */
static void begin(struct store *store)
{
	store_rest(store);
	store->reading = !run(store, "BEGIN");
}

void store_close(struct store *store)
{
	store_rest(store);
	store_release(store);
	free(store);
}

#define SELECT_SAMPLES	"SELECT sample, time, uptime, shmem, objects, why, "	\
			"pagesize, hertz, boot, release, arch FROM sample "	\
			"LEFT JOIN machine USING (machine) "

static void take_text(char *to, size_t size, sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	snprintf(to, size, "%s", text ?: "");
}

static void take_sample(struct sample *sample, sqlite3_stmt *row)
{
	*sample = (struct sample){
		.nr = sqlite3_column_int64(row, 0),
		.time = sqlite3_column_int64(row, 1),
		.uptime = sqlite3_column_int64(row, 2),
		.shmem = sqlite3_column_int64(row, 3),
		.objects = sqlite3_column_int64(row, 4),
		.pagesize = sqlite3_column_int64(row, 6),
		.hertz = sqlite3_column_int64(row, 7),
	};
	take_text(sample->why, sizeof(sample->why), row, 5);
	take_text(sample->boot, sizeof(sample->boot), row, 8);
	take_text(sample->release, sizeof(sample->release), row, 9);
	take_text(sample->arch, sizeof(sample->arch), row, 10);
}

/**
 * struct way - how rows are gone through where the file is damaged
 * @at: the last one
 * @lost: how many could not be read
 */
struct way {
	int64_t at;
	size_t lost;
};

/* Whether there is a row from a number on, or none, rather than an error. */
static bool is_whole(sqlite3_stmt *row, int64_t from)
{
	int error;

	sqlite3_reset(row);
	sqlite3_bind_int64(row, 1, from);
	error = sqlite3_step(row);
	return error == SQLITE_ROW || error == SQLITE_DONE;
}

/* The first number behind those that cannot be read; 0 if there is none. */
static int64_t skip_damage(sqlite3_stmt *row, int64_t damaged)
{
	int64_t step = 1, whole;

	while (!is_whole(row, damaged + step)) {
		damaged += step;
		step *= 2;
		if (step > MAX_STEP)
			return 0;
	}
	for (whole = damaged + step; whole - damaged > 1; ) {
		int64_t middle = damaged + (whole - damaged) / 2;

		if (is_whole(row, middle))
			whole = middle;
		else
			damaged = middle;
	}
	return whole;
}

/*
 * Goes through rows by their numbers. The row's number is the statement's
 * parameter 1: the least of those that are wanted.
 */
static void salvage(sqlite3_stmt *row, struct way *way,
		    void (*visit)(void *context, sqlite3_stmt *row),
		    void *context)
{
	int64_t next = 1;
	int error;

	if (!row)
		return;
	while (next) {
		sqlite3_reset(row);
		sqlite3_bind_int64(row, 1, next);
		while ((error = sqlite3_step(row)) == SQLITE_ROW) {
			way->at = sqlite3_column_int64(row, 0);
			visit(context, row);
		}
		if (error == SQLITE_DONE)
			break;
		next = way->at >= next ? way->at + 1 : next;
		way->at = next;
		next = skip_damage(row, next);
		way->lost += next ? next - way->at : 1;
	}
}

/**
 * struct choice - which sample is wanted
 * @time: the last one not later, if @direction is 0
 * @nr: otherwise the next one from here
 * @direction: 1 or -1
 * @found: whether it is
 * @sample: it
 */
struct choice {
	int64_t time;
	int64_t nr;
	int direction;
	bool found;
	struct sample *sample;
};

static void choose(void *context, sqlite3_stmt *row)
{
	struct choice *choice = context;
	int64_t nr = sqlite3_column_int64(row, 0);
	bool better;

	if (!choice->direction)
		better = sqlite3_column_int64(row, 1) <= choice->time;
	else if (choice->direction < 0)
		better = nr < choice->nr;
	else
		better = nr > choice->nr && !choice->found;
	if (better)
		take_sample(choice->sample, row);
	choice->found |= better;
}

static sqlite3_stmt *every_sample(struct store *store)
{
	return store_prepare(store->db, SELECT_SAMPLES
			     "WHERE sample >= ? ORDER BY sample");
}

static void complain_lost(struct store *store, const char *table, size_t lost)
{
	if (lost)
		warnx("%s: damaged: %zu or more rows of '%s' cannot be read",
		      store->path, lost, table);
}

static bool find(struct store *store, sqlite3_stmt *row, struct choice *choice)
{
	struct way way = {};
	int error = row ? sqlite3_step(row) : SQLITE_CORRUPT;

	if (error == SQLITE_ROW)
		take_sample(choice->sample, row);
	choice->found = error == SQLITE_ROW;
	sqlite3_finalize(row);
	if (error == SQLITE_ROW || error == SQLITE_DONE)
		return choice->found;
	if (!is_damage(error))
		fail(store, error);
	row = every_sample(store);
	salvage(row, &way, choose, choice);
	sqlite3_finalize(row);
	complain_lost(store, "sample", way.lost);
	return choice->found;
}

/**
 * store_at - the last sample not later than a moment
 * @store: the file
 * @time: the moment, in microseconds since 1970; INT64_MAX for the last of all
 * @sample: what is filled
 *
 * Return: whether there is one.
 */
bool store_at(struct store *store, int64_t time, struct sample *sample)
{
	struct choice choice = { .time = time, .sample = sample };

	begin(store);
	return find(store, store_prepare(store->db, SELECT_SAMPLES
					 "WHERE time <= %lld ORDER BY sample DESC LIMIT 1",
					 (long long)time), &choice);
}

/**
 * store_step - the sample before or after another one
 * @store: the file
 * @nr: the other's number
 * @direction: 1, or -1 for the one before
 * @sample: what is filled
 *
 * Return: whether there is one.
 */
bool store_step(struct store *store, int64_t nr, int direction,
		struct sample *sample)
{
	struct choice choice = {
		.nr = nr, .direction = direction, .sample = sample,
	};

	begin(store);
	return find(store, store_prepare(store->db, SELECT_SAMPLES
					 "WHERE sample %s %lld ORDER BY sample %s LIMIT 1",
					 direction > 0 ? ">" : "<",
					 (long long)nr,
					 direction > 0 ? "ASC" : "DESC"),
		    &choice);
}

/**
 * struct visitor - whom samples are handed to
 * @visit: the function
 * @context: handed to it
 */
struct visitor {
	void (*visit)(void *context, const struct sample *sample);
	void *context;
};

static void visit_sample(void *context, sqlite3_stmt *row)
{
	const struct visitor *visitor = context;
	struct sample sample;

	take_sample(&sample, row);
	visitor->visit(visitor->context, &sample);
}

/**
 * store_samples - call a function for each sample, in the order they were made
 * @store: the file
 * @visit: the function
 * @context: handed to @visit
 */
void store_samples(struct store *store,
		   void (*visit)(void *context, const struct sample *sample),
		   void *context)
{
	struct visitor visitor = { visit, context };
	struct way way = {};
	sqlite3_stmt *row;

	begin(store);
	row = every_sample(store);
	if (!row)
		fail(store, sqlite3_errcode(store->db));
	salvage(row, &way, visit_sample, &visitor);
	sqlite3_finalize(row);
	complain_lost(store, "sample", way.lost);
}

/* The numbers that rows of a sample can be at, see above. */
static char *forks(int64_t nr)
{
	size_t length;
	char *list;
	FILE *out = xmemstream(&list, &length);
	int bit;

	fprintf(out, "%" PRId64, nr);
	for (bit = 1; bit < 62; bit++) {
		/* A file from somebody else may have the largest number. */
		uint64_t below = (uint64_t)nr >> bit << bit;

		if (below)
			fprintf(out, ",%" PRId64, (int64_t)below);
		fprintf(out, ",%" PRId64, (int64_t)(below + (1ULL << bit)));
	}
	xfclose(out);
	return list;
}

/**
 * struct rows - rows of a sample that are read
 * @store: where
 * @columns: the table's
 * @sample: which
 * @put: called for each row with its cells
 * @context: handed to @put
 * @count: how many could be read
 * @lost: how many could not
 */
struct rows {
	struct store *store;
	const struct store_columns *columns;
	const struct sample *sample;
	int (*put)(struct rows *rows, sqlite3_stmt *row);
	void *context;
	size_t count;
	size_t lost;
};

static void put_row(void *context, sqlite3_stmt *row)
{
	struct rows *rows = context;

	if (rows->put(rows, row))
		rows->lost++;
	else
		rows->count++;
}

/* Of all rows, where the number is the first column. */
static void put_own_row(void *context, sqlite3_stmt *row)
{
	const struct rows *rows = context;
	const size_t at = 1 + rows->columns->count;
	int64_t nr = rows->sample->nr;

	if (sqlite3_column_int64(row, at) <= nr &&
	    (sqlite3_column_type(row, at + 1) == SQLITE_NULL ||
	     sqlite3_column_int64(row, at + 1) > nr))
		put_row(context, row);
}

/* By the index, which sorts, so that an error comes before any row. */
static int read_by_index(struct rows *rows, const char *list)
{
	char *at = forks(rows->sample->nr);
	long long nr = rows->sample->nr;
	sqlite3_stmt *row = store_prepare(rows->store->db,
		"SELECT 0, %s first, until FROM \"%w_row\"\n"
		"WHERE (fork IS NULL OR fork IN (%s)) AND first <= %lld\n"
		"AND (until IS NULL OR until > %lld) ORDER BY line, rowid",
		list, rows->columns->table, at, nr, nr);
	int error = SQLITE_CORRUPT;

	free(at);
	while (row && (error = sqlite3_step(row)) == SQLITE_ROW)
		put_row(rows, row);
	sqlite3_finalize(row);
	return error;
}

static void read_rows(struct rows *rows)
{
	struct way way = {};
	char *list = store_list(rows->columns, "\"%w\",");
	int error = read_by_index(rows, list);

	if (error != SQLITE_DONE) {
		sqlite3_stmt *row = store_prepare(rows->store->db,
			"SELECT rowid, %s first, until FROM \"%w_row\" NOT INDEXED\n"
			"WHERE rowid >= ? ORDER BY rowid",
			list, rows->columns->table);

		if (!is_damage(error))
			fail(rows->store, error);
		rows->count = 0;
		rows->lost = 0;
		salvage(row, &way, put_own_row, rows);
		rows->lost += way.lost;
		sqlite3_finalize(row);
	}
	free(list);
	complain_lost(rows->store, rows->columns->table, rows->lost);
}

/* The columns of a table; false if it was never recorded. */
static bool find_columns(struct store *store, const char *table,
			 struct store_columns *columns)
{
	int error = store_columns(store->db, table, columns);

	if (error && !is_damage(error))
		fail(store, error);
	if (columns->count)
		return true;
	store_columns_free(columns);
	return false;
}

/* A row is put whole or not at all. */
static int put_line(struct rows *rows, sqlite3_stmt *row)
{
	const struct store_columns *columns = rows->columns;
	FILE *out = rows->context;
	int error = SQLITE_OK;
	size_t i;

	for (i = 0; !error && i < columns->count; i++)
		store_cell(rows->store, columns, row, i, &error);
	for (i = 0; !error && i < columns->count; i++) {
		if (i)
			putc(' ', out);
		fputs(store_cell(rows->store, columns, row, i, &error) ?: "-",
		      out);
	}
	if (!error)
		putc('\n', out);
	return error;
}

/**
 * store_put_table - write a table as it was
 * @store: the file
 * @sample: when
 * @table: its name
 * @out: where it is written, as /proc/shmstat has it
 *
 * Return: whether it was recorded, and something of it can be read.
 */
bool store_put_table(struct store *store, const struct sample *sample,
		     const char *table, FILE *out)
{
	struct store_columns columns;
	struct rows rows = {
		.store = store, .columns = &columns, .sample = sample,
		.put = put_line, .context = out,
	};
	size_t i;

	if (!find_columns(store, table, &columns))
		return false;
	for (i = 0; i < columns.count; i++)
		fprintf(out, "%s%s", i ? " " : "", columns.names[i]);
	putc('\n', out);
	read_rows(&rows);
	store_columns_free(&columns);
	return rows.count || !rows.lost;
}

/**
 * struct files - whom the files of a sample are handed to
 * @visit: the function
 * @context: handed to it
 * @content: finds what is in one
 */
struct files {
	void (*visit)(void *context, const char *path, const void *content,
		      size_t length, bool link);
	void *context;
	sqlite3_stmt *content;
};

/* The columns are path, blob and link. */
static int put_file(struct rows *rows, sqlite3_stmt *row)
{
	const struct files *files = rows->context;
	int error = SQLITE_OK, ret;
	const char *escaped = store_cell(rows->store, rows->columns, row, 0,
					 &error);
	char *path;

	if (!escaped)
		return error;
	if (!files->content)
		return SQLITE_CORRUPT;
	path = unescape_text(xstrdup(escaped));
	sqlite3_bind_int64(files->content, 1, sqlite3_column_int64(row, 2));
	ret = sqlite3_step(files->content);
	if (ret == SQLITE_ROW)
		files->visit(files->context, path,
			     sqlite3_column_blob(files->content, 0) ?: "",
			     sqlite3_column_bytes(files->content, 0),
			     sqlite3_column_int(row, 3));
	else
		error = SQLITE_CORRUPT;
	sqlite3_reset(files->content);
	free(path);
	return error;
}

/**
 * store_files - call a function for each file that was recorded beside the tables
 * @store: where
 * @sample: when
 * @visit: the function; @path is below the root, such as "proc/1/comm"; of a symbolic
 *	link, what it leads to is the content, without a NUL at its end
 * @context: handed to @visit
 */
void store_files(struct store *store, const struct sample *sample,
		 void (*visit)(void *context, const char *path,
			       const void *content, size_t length, bool link),
		 void *context)
{
	struct store_columns columns;
	struct files files = { .visit = visit, .context = context };
	struct rows rows = {
		.store = store, .columns = &columns, .sample = sample,
		.put = put_file, .context = &files,
	};

	if (!find_columns(store, "file", &columns))
		return;
	files.content = store_prepare(store->db,
				      "SELECT value FROM blob WHERE blob = ?");
	read_rows(&rows);
	sqlite3_finalize(files.content);
	store_columns_free(&columns);
}
