// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat watch: what grew, shrank, came and went.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "commands/commands.h"
#include "clock.h"
#include "news.h"
#include "objects.h"
#include "output.h"
#include "text.h"

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* However many come: timeout(1) sends two. */
static void catch_signals(void)
{
	struct sigaction action = {
		.sa_handler = stop,
		.sa_flags = SA_RESTART,
	};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* Until then, or a signal comes, however late before the wait it does. */
static void wait_until(double when)
{
	sigset_t signals, before;
	double left;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, &before);
	while (!stopped && (left = when - clock_now()) > 0) {
		struct timespec time = {
			.tv_sec = left,
			.tv_nsec = (left - (time_t)left) * 1e9,
		};

		ppoll(NULL, 0, &time, &before);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* A line that says how much there is, where somebody waits. */
static void progress(const struct objects *objects, double seconds)
{
	struct sums sums = objects_sum(objects, NULL);
	uint64_t sum = sums.resident + sums.swapped;
	static uint64_t first;
	static bool again;
	char *size, *more;

	if (!isatty(STDERR_FILENO))
		return;
	if (!again)
		first = sum;
	again = true;
	size = size_text(sum);
	more = size_text(sum > first ? sum - first : first - sum);
	fprintf(stderr, "\r%.0f s: %zu objects, %s (%c%s); Ctrl-C ends\033[K",
		seconds, objects->count, size, sum < first ? '-' : '+', more);
	free(size);
	free(more);
}

/**
 * struct line - what there is in a sample, as it is told while others follow
 * @time: in seconds since 1970
 * @sums: of all objects that Shmem counts
 */
struct line {
	uint64_t time;
	struct sums sums;
};

COLUMN_GET(line, time, number, line->time)
COLUMN_GET(line, objects, number, line->sums.objects)
COLUMN_GET(line, resident, number, line->sums.resident)
COLUMN_GET(line, swapped, number, line->sums.swapped)

static const struct column line_columns[] = {
	{ "TIME", NULL, NUMBER, get_time },
	{ "OBJECTS", NULL, NUMBER, get_objects },
	{ "RESIDENT", NULL, SIZE, get_resident },
	{ "SWAPPED", NULL, SIZE, get_swapped },
	{}
};

/* What changed since the sample before, if there is one, which @news has. */
static void print_line(const struct output *output, struct news *news,
		       const struct objects *now)
{
	struct line line = { time(NULL), objects_sum(now, NULL) };

	news_take(news, now);
	output_begin(output);
	output_array(output, "sample", line_columns, &line, 1, sizeof(line));
	news_print(output, news);
	output_end(output);
	fflush(stdout);
	/* The next line is about what follows. */
	news_free(news);
	news_take(news, now);
}

static void usage(void)
{
	puts("Usage: shmstat watch [options]\n"
	     "Takes a sample at each interval, and says at the end what grew, shrank,\n"
	     "came and went, by object, process and cgroup. Ctrl-C ends it.\n\n"
	     " -i, --interval T   time between samples, at least 0.1 s (2)\n"
	     " -f, --for T        how long: seconds, or such as 10m or 1h\n"
	     "     --ndjson       as JSON, also a line for each sample, at once\n"
	     OUTPUT_HELP);
}

enum { NDJSON = 256 };

static const struct option options[] = {
	OUTPUT_OPTIONS,
	{ "interval",	required_argument,	NULL, 'i' },
	{ "for",	required_argument,	NULL, 'f' },
	{ "ndjson",	no_argument,		NULL, NDJSON },
	{}
};

static int run(int argc, char **argv)
{
	double interval = 2, length = 0, start, next;
	struct news news = {}, since = {};
	struct output output = {};
	struct objects objects;
	int c;

	while ((c = command_option(&command_watch, argc, argv)) >= 0) {
		switch (c) {
		case 'i':
			interval = clock_parse("--interval", optarg,
					       SHORTEST_INTERVAL);
			break;
		case 'f':
			length = clock_parse("--for", optarg, 0.01);
			break;
		case NDJSON:
			output_option(&output, 'J', NULL);
			output.lines = true;
			break;
		default:
			output_option(&output, c, optarg);
		}
	}
	catch_signals();
	start = clock_now();
	for (next = start; ; next += interval) {
		wait_until(next);
		objects_load(&objects, NEWS_WITH);
		progress(&objects, clock_now() - start);
		news_take(&news, &objects);
		if (output.lines)
			print_line(&output, &since, &objects);
		objects_free(&objects);
		if (stopped || (length && clock_now() - start >= length))
			break;
		/* No sample comes late because another one took long. */
		while (next + interval < clock_now())
			next += interval;
		if (length && next + interval > start + length)
			next = start + length - interval;
	}
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	if (output.form == AS_TABLE)
		printf("In %.0f s, memory and swap together:\n",
		       clock_now() - start);
	output_begin(&output);
	news_print(&output, &news);
	output_end(&output);
	news_free(&news);
	news_free(&since);
	return 0;
}

const struct command command_watch = {
	"watch", "what grows, shrinks, comes and goes", usage, run,
	OUTPUT_BASIC "i:f:", options, .past = PAST_NEVER,
	.instead = "it waits for what is to come; see shmstat diff"
};
