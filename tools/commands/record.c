// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat record: writes samples to a file, for --from.
 *
 * It goes on whatever happens to the module or the disk, and says so once. What it
 * needs when memory is short, it has from the start.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "beside.h"
#include "capture.h"
#include "clock.h"
#include "commands/commands.h"
#include "process.h"
#include "store_write.h"
#include "table.h"
#include "xalloc.h"

/* Memory that is short for 150 ms of a second, to the kernel. */
#define TRIGGER		"some 150000 1000000"

/* Seconds between two samples because memory is short; and to wait for files. */
#define LEAST_PAUSE	1
#define MAX_SECONDS	10

/* Seconds after which a disk that is full is worth a word again. */
#define QUIET		3600

/* Bytes that are there before memory is short. */
#define RESERVE		(16U << 20)

#define LEAST_SIZE	0x100000

static void usage(void)
{
	puts("Usage: shmstat record [options] FILE\n"
	     "Writes samples of all there is to FILE, for --from: one every interval, and one\n"
	     "more at once when memory is short, or when the kernel has killed for memory.\n\n"
	     "     --interval TIME  how often (10s)\n"
	     "     --for TIME       ends after so long\n"
	     "     --once           one sample\n"
	     "     --keep TIME      removes samples that are older, such as 7d\n"
	     "     --max-size SIZE  removes the oldest where FILE gets larger, such as 1G\n"
	     "     --cgroup CGROUP  also when memory is short in a cgroup, given by its path\n"
	     " -h, --help           this text");
}

enum { INTERVAL = 256, FOR, ONCE, KEEP, MAX_SIZE, CGROUP };

static const struct option options[] = {
	COMMAND_OPTIONS,
	{ "interval",	required_argument,	NULL, INTERVAL },
	{ "for",	required_argument,	NULL, FOR },
	{ "once",	no_argument,		NULL, ONCE },
	{ "keep",	required_argument,	NULL, KEEP },
	{ "max-size",	required_argument,	NULL, MAX_SIZE },
	{ "cgroup",	required_argument,	NULL, CGROUP },
	{ "help",	no_argument,		NULL, 'h' },
	{}
};

/**
 * struct watched - a cgroup whose memory is watched
 * @path: its path
 * @fd: its memory.events; -1 while it has none
 * @short_of: how often memory was short
 * @kills: how many processes were killed for it
 */
struct watched {
	const char *path;
	int fd;
	uint64_t short_of;
	uint64_t kills;
};

/**
 * struct recorder - a recording
 * @file: the path
 * @interval: seconds
 * @length: seconds after which it ends; 0 for never
 * @keep: seconds; 0 for ever
 * @max_size: bytes; 0 for any
 * @once: whether there is one sample
 * @writer: the file
 * @wanted: what is needed beside the tables
 * @sample: the one that is made
 * @kind_at: of the sums: where it says what a row is of; -1 in other tables
 * @objects_at: where objects are counted
 * @resident_at: and what they have in memory
 * @pressure: tells when memory is short; -1 if the kernel does not
 * @kills: how many processes the kernel has killed for memory
 * @cgroups: those that are watched
 * @count: how many
 * @room: how many there is room for
 * @said: what went wrong with the last sample, said already; or NULL
 * @dropped: the sample before which the oldest were last removed, as the disk is full
 * @too_small: whether it was said that one sample is too large
 * @stale: whether it was said that a sample has processes and files of an earlier one
 */
struct recorder {
	const char *file;
	double interval;
	double length;
	double keep;
	uint64_t max_size;
	bool once;
	struct writer *writer;
	struct wanted *wanted;
	struct sample sample;
	int kind_at;
	int objects_at;
	int resident_at;
	int pressure;
	uint64_t kills;
	struct watched *cgroups;
	size_t count;
	size_t room;
	char *said;
	int64_t dropped;
	bool too_small;
	bool stale;
};

static volatile int stop;

static void end(int signal)
{
	(void)signal;
	stop = 1;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = end };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static uint64_t parse_size(const char *text)
{
	static const char units[] = "KMGT";
	char *end;
	double size = strtod(text, &end);
	const char *unit = *end ? strchr(units, *end & ~0x20) : NULL;

	if (unit)
		size *= (uint64_t)1024 << 10 * (unit - units);
	if (end == text || (*end && (!unit || (end[1] && strcmp(end + 1, "iB")))) ||
	    !isfinite(size) || size < LEAST_SIZE || size > INT64_MAX / 2)
		errx(2, "--max-size wants a size from 1M on, such as 200M or 1G, not '%s'",
		     text);
	return size;
}

/* What comes is of the machine as it is; nothing of it may wait for memory. */
static void hold_memory(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY }, now;
	char *reserve;

	/* What was freed is for the next sample. */
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_MMAP_MAX, 0);
	setrlimit(RLIMIT_MEMLOCK, &all);
	/* With less, memory that is needed later would be refused. */
	if (getrlimit(RLIMIT_MEMLOCK, &now) || now.rlim_cur != RLIM_INFINITY)
		warnx("memory is not locked, so samples may be late: RLIMIT_MEMLOCK is too low");
	else if (mlockall(MCL_CURRENT | MCL_FUTURE))
		warn("memory is not locked: samples may be late");
	reserve = xmalloc(RESERVE);
	memset(reserve, 1, RESERVE);
	free(reserve);
}

/* Once, until it is something else. */
static void say(struct recorder *recorder, const char *what)
{
	if (recorder->said && !strcmp(recorder->said, what))
		return;
	free(recorder->said);
	recorder->said = xstrdup(what);
	warnx("%s%s", what, recorder->once ? "" :
	      "; no sample is recorded until that changes");
}

static void say_good(struct recorder *recorder)
{
	if (!recorder->said)
		return;
	free(recorder->said);
	recorder->said = NULL;
	warnx("samples are recorded again");
}

/* Once, until it changes. */
static void say_beside(struct recorder *recorder, bool whole)
{
	if (recorder->stale == !whole)
		return;
	recorder->stale = !whole;
	if (whole)
		warnx("processes and files are recorded again");
	else
		warnx("processes and files were not read in %d s: they are of an earlier sample",
		      MAX_SECONDS);
}

static int64_t microseconds(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void read_boot(char *boot, size_t size)
{
	FILE *file = beside_file("proc/sys/kernel/random/boot_id");

	*boot = '\0';
	if (file && fgets(boot, size, file))
		boot[strcspn(boot, "\n")] = '\0';
	if (file)
		fclose(file);
}

static void begin_sample(struct sample *sample, const char *why)
{
	struct utsname machine;

	*sample = (struct sample){
		.time = microseconds(CLOCK_REALTIME),
		.uptime = microseconds(CLOCK_BOOTTIME),
		.pagesize = sysconf(_SC_PAGESIZE),
		.hertz = sysconf(_SC_CLK_TCK),
	};
	snprintf(sample->why, sizeof(sample->why), "%s", why);
	read_boot(sample->boot, sizeof(sample->boot));
	if (uname(&machine))
		return;
	snprintf(sample->release, sizeof(sample->release), "%s",
		 machine.release);
	snprintf(sample->arch, sizeof(sample->arch), "%s", machine.machine);
}

static void begin_table(struct recorder *recorder, const struct table *table)
{
	struct cell *names = xcalloc(table->columns, sizeof(*names));
	size_t i;

	recorder->kind_at = -1;
	recorder->objects_at = -1;
	recorder->resident_at = -1;
	for (i = 0; i < table->columns; i++) {
		names[i].text = pool_text(table->pool, table->names[i]);
		names[i].length = strlen(names[i].text);
		if (strcmp(table->name, "summary"))
			continue;
		if (!strcmp(names[i].text, "kind"))
			recorder->kind_at = i;
		else if (!strcmp(names[i].text, "objects"))
			recorder->objects_at = i;
		else if (!strcmp(names[i].text, "resident"))
			recorder->resident_at = i;
	}
	writer_table(recorder->writer, table->name, names, table->columns);
	wanted_table(recorder->wanted, table);
	free(names);
}

/* What samples are listed with: without huge pages, which Shmem does not count. */
static void take_sum(struct recorder *recorder, const struct table *table,
		     const struct cell *cells)
{
	const struct cell *kind = &cells[recorder->kind_at];

	if (recorder->objects_at >= 0 && cell_is(kind, "total"))
		recorder->sample.objects =
			table_parse(table, &cells[recorder->objects_at]);
	if (recorder->resident_at >= 0 && cell_is(kind, "nr_shmem"))
		recorder->sample.shmem =
			table_parse(table, &cells[recorder->resident_at]);
}

static void take_row(void *context, const struct table *table,
		     const struct cell *cells)
{
	struct recorder *recorder = context;

	if (!table->rows)
		begin_table(recorder, table);
	if (recorder->kind_at >= 0)
		take_sum(recorder, table, cells);
	wanted_row(recorder->wanted, cells);
	writer_row(recorder->writer, cells);
}

/* All tables but those of one object. In this order, tests have them, too. */
static const char *const names[] = {
	"objects", "holders", "cgroups", "pages", "maps", "sysv", "superblocks",
	"summary"
};

#define TABLES	(sizeof(names) / sizeof(names[0]))

/* Returns what went wrong, to be freed; or NULL. */
static char *read_tables(struct recorder *recorder)
{
	struct table tables[TABLES] = {}, *list[TABLES];
	struct table_plan plans[TABLES];
	struct pool pool = {};
	char *why;
	size_t i;

	for (i = 0; i < TABLES; i++) {
		list[i] = &tables[i];
		plans[i] = (struct table_plan){
			.name = names[i], .take = take_row,
			.context = recorder,
		};
	}
	why = tables_try(list, &pool, plans, TABLES);
	for (i = 0; i < TABLES; i++) {
		if (!why && !tables[i].rows)
			begin_table(recorder, &tables[i]);
		table_free(&tables[i]);
	}
	pool_free(&pool);
	return why;
}

/* Returns whether the sample is in the file, or cannot be made. */
static bool try_sample(struct recorder *recorder, const char *why)
{
	char *wrong;
	bool whole;

	begin_sample(&recorder->sample, why);
	wanted_begin(recorder->wanted);
	writer_begin(recorder->writer);
	wrong = read_tables(recorder);
	if (wrong) {
		writer_cancel(recorder->writer);
		say(recorder, wrong);
		free(wrong);
		return true;
	}
	whole = capture(recorder->wanted, recorder->writer, MAX_SECONDS, &stop);
	if (!whole)
		writer_keep(recorder->writer);
	if (stop) {
		writer_cancel(recorder->writer);
		return true;
	}
	say_beside(recorder, whole);
	if (writer_end(recorder->writer, &recorder->sample) == WRITTEN) {
		say_good(recorder);
		return true;
	}
	return false;
}

/* A disk that stays full is so for each sample: that is said once. */
static bool drop(struct recorder *recorder)
{
	int64_t last = recorder->dropped;

	if (!recorder->keep && !recorder->max_size)
		return false;
	recorder->dropped = recorder->sample.time;
	if (!last || recorder->dropped - last > QUIET * INT64_C(1000000))
		warnx("%s: %s; the oldest samples make room", recorder->file,
		      writer_error(recorder->writer));
	return writer_drop(recorder->writer);
}

static void trim(struct recorder *recorder)
{
	int64_t oldest = INT64_MIN;

	if (recorder->keep)
		oldest = recorder->sample.time - recorder->keep * 1e6;
	if (writer_trim(recorder->writer, oldest, recorder->max_size) ||
	    recorder->too_small)
		return;
	recorder->too_small = true;
	warnx("%s: one sample alone is larger than --max-size",
	      recorder->file);
}

static void take_sample(struct recorder *recorder, const char *why)
{
	char *wrong;

	if (!try_sample(recorder, why) &&
	    (!drop(recorder) || !try_sample(recorder, why))) {
		wrong = xasprintf("%s: %s", recorder->file,
				  writer_error(recorder->writer));
		say(recorder, wrong);
		free(wrong);
	}
	if (recorder->keep || recorder->max_size)
		trim(recorder);
}

/* A number behind a name, in a file of lines of these; 0 if there is none. */
static uint64_t value_of(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (!strncmp(text, name, length) && text[length] == ' ')
			return strtoull(text + length, NULL, 10);
	}
	return 0;
}

static bool read_text(int fd, char *text, size_t size)
{
	ssize_t length = pread(fd, text, size - 1, 0);

	if (length < 0)
		return false;
	text[length] = '\0';
	return true;
}

/* How many processes the kernel has killed for memory. */
static uint64_t read_kills(void)
{
	static int fd = -1;
	char text[32768], *path;

	if (fd < 0) {
		path = xasprintf("%s/vmstat", proc_dir);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		free(path);
	}
	return fd >= 0 && read_text(fd, text, sizeof(text)) ?
	       value_of(text, "oom_kill") : 0;
}

static void watch_pressure(struct recorder *recorder)
{
	char *path = xasprintf("%s/pressure/memory", proc_dir);

	recorder->pressure = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (recorder->pressure < 0 ||
	    write(recorder->pressure, TRIGGER, strlen(TRIGGER) + 1) < 0) {
		warn("no notice of short memory, so samples come only every interval: %s", path);
		if (recorder->pressure >= 0)
			close(recorder->pressure);
		recorder->pressure = -1;
	}
	free(path);
}

/* One that was removed may have been made again. */
static void open_cgroup(struct watched *cgroup)
{
	char *below, *path;

	if (cgroup->fd >= 0)
		return;
	below = xasprintf("sys/fs/cgroup%s/memory.events", cgroup->path);
	path = beside_path(below);
	cgroup->fd = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	free(below);
}

/* What happened in a cgroup since the last time; NULL for nothing. */
static const char *look_at(struct watched *cgroup)
{
	uint64_t short_of, kills;
	const char *why = NULL;
	char text[1024];
	bool first = cgroup->fd < 0;

	open_cgroup(cgroup);
	if (cgroup->fd < 0)
		return NULL;
	if (!read_text(cgroup->fd, text, sizeof(text))) {
		close(cgroup->fd);
		cgroup->fd = -1;
		return NULL;
	}
	short_of = value_of(text, "high") + value_of(text, "max") +
		   value_of(text, "oom");
	kills = value_of(text, "oom_kill");
	if (!first && kills > cgroup->kills)
		why = "oom";
	else if (!first && short_of > cgroup->short_of)
		why = "pressure";
	cgroup->short_of = short_of;
	cgroup->kills = kills;
	return why;
}

static void add_cgroup(struct recorder *recorder, const char *path)
{
	struct watched *cgroup;

	if (*path != '/')
		errx(2, "--cgroup wants a path such as /system.slice/cron.service, not '%s'",
		     path);
	recorder->cgroups = xgrow(recorder->cgroups, recorder->count,
				  &recorder->room, sizeof(*recorder->cgroups));
	cgroup = &recorder->cgroups[recorder->count++];
	*cgroup = (struct watched){ .path = path, .fd = -1 };
}

/* Why there is to be a sample before the interval is over; NULL for none. */
static const char *look_around(struct recorder *recorder, bool pressed)
{
	const char *why = pressed ? "pressure" : NULL;
	uint64_t kills = read_kills();
	size_t i;

	for (i = 0; i < recorder->count; i++) {
		const char *this = look_at(&recorder->cgroups[i]);

		if (this && (!why || !strcmp(this, "oom")))
			why = this;
	}
	if (kills > recorder->kills)
		why = "oom";
	recorder->kills = kills;
	return why;
}

/* Until the time, or something happened; returns whether memory is short. */
static bool wait_until(struct recorder *recorder, double time)
{
	struct pollfd *files = xcalloc(recorder->count + 1, sizeof(*files));
	double left = time - clock_now();
	struct timespec timeout;
	sigset_t none;
	size_t i;
	bool pressed;

	if (left < 0)
		left = 0;
	timeout.tv_sec = left;
	timeout.tv_nsec = (left - timeout.tv_sec) * 1e9;
	files[0] = (struct pollfd){ recorder->pressure, POLLPRI, 0 };
	for (i = 0; i < recorder->count; i++)
		files[i + 1] = (struct pollfd){ recorder->cgroups[i].fd,
						POLLPRI, 0 };
	sigemptyset(&none);
	pressed = ppoll(files, recorder->count + 1, &timeout, &none) > 0 &&
		  files[0].revents & POLLPRI;
	if (files[0].revents & POLLERR) {
		close(recorder->pressure);
		recorder->pressure = -1;
	}
	free(files);
	return pressed;
}

/* Signals come while it waits, and at no other moment. */
static void block_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
}

static double sooner(double a, double b)
{
	return a < b ? a : b;
}

/* The next one of a sample that takes longer than the interval is later. */
static double next_time(const struct recorder *recorder, double start)
{
	double passed = clock_now() - start;

	return start + (floor(passed / recorder->interval) + 1) *
	       recorder->interval;
}

static void record_on(struct recorder *recorder)
{
	double start = clock_now(), next = start, last = 0;
	double until = recorder->length ? start + recorder->length : INFINITY;
	size_t i;

	recorder->kills = read_kills();
	look_around(recorder, false);
	for (i = 0; i < recorder->count; i++)
		if (recorder->cgroups[i].fd < 0)
			warnx("--cgroup: %s has no memory.events (yet)",
			      recorder->cgroups[i].path);
	while (!stop) {
		const char *why = NULL;
		bool pressed = false;

		if (clock_now() >= until)
			break;
		if (clock_now() >= next) {
			take_sample(recorder, "interval");
			next = next_time(recorder, start);
			continue;
		}
		pressed = wait_until(recorder,
				     sooner(sooner(next, until),
					    clock_now() + LEAST_PAUSE));
		if (stop)
			break;
		why = look_around(recorder, pressed);
		if (!why)
			continue;
		/* The kernel tells it again while that lasts. */
		if (!strcmp(why, "pressure") &&
		    clock_now() < last + LEAST_PAUSE)
			continue;
		take_sample(recorder, why);
		last = clock_now();
	}
}

static int record(struct recorder *recorder)
{
	bool failed;

	recorder->writer = writer_open(recorder->file, recorder->max_size,
				       recorder->keep || recorder->max_size);
	recorder->wanted = wanted_new();
	recorder->pressure = -1;
	catch_signals();
	if (recorder->once) {
		take_sample(recorder, "once");
	} else {
		hold_memory();
		watch_pressure(recorder);
		block_signals();
		record_on(recorder);
	}
	failed = recorder->once && (recorder->said || stop);
	free(recorder->said);
	writer_close(recorder->writer);
	wanted_free(recorder->wanted);
	free(recorder->cgroups);
	if (recorder->pressure >= 0)
		close(recorder->pressure);
	return failed;
}

static int run(int argc, char **argv)
{
	struct recorder recorder = { .interval = 10 };
	const char *only = NULL;
	int c;

	while ((c = command_option(&command_record, argc, argv)) >= 0)
		switch (c) {
		case INTERVAL:
			recorder.interval = clock_parse("--interval", optarg,
							0.1);
			only = "--interval";
			break;
		case FOR:
			recorder.length = clock_parse("--for", optarg, 0.1);
			only = "--for";
			break;
		case ONCE:
			recorder.once = true;
			break;
		case KEEP:
			recorder.keep = clock_parse("--keep", optarg, 1);
			break;
		case MAX_SIZE:
			recorder.max_size = parse_size(optarg);
			break;
		case CGROUP:
			add_cgroup(&recorder, optarg);
			only = "--cgroup";
			break;
		}
	if (optind + 1 != argc)
		errx(2, "record wants one file to write to; see shmstat record --help");
	if (recorder.once && only)
		errx(2, "--once makes one sample: %s has no meaning with it",
		     only);
	recorder.file = argv[optind];
	return record(&recorder);
}

const struct command command_record = {
	"record", "record samples to a file, to look back at", usage, run, "h",
	options, .operands = true, .past = PAST_NEVER,
	.instead = "it records what is now",
};
