// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat diff: what grew, shrank, came and went between two moments of the past.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands/commands.h"
#include "clock.h"
#include "news.h"
#include "objects.h"
#include "output.h"
#include "replay.h"
#include "text.h"
#include "when.h"
#include "xalloc.h"

static void usage(void)
{
	puts("Usage: shmstat diff --from FILE [options]\n"
	     "Says what grew, shrank, came and went, by object, process and cgroup, in what\n"
	     "shmstat record has recorded.\n\n"
	     "     --from FILE    the file\n"
	     "     --at TIME      since the sample of that time (the first one)\n"
	     "     --until TIME   to that one: yesterday, \"2026-11-25 03:00\", -1h (the last)\n"
	     OUTPUT_HELP);
}

enum { UNTIL = 256 };

static const struct option options[] = {
	OUTPUT_OPTIONS,
	{ "until",	required_argument,	NULL, UNTIL },
	{}
};

/* Where somebody waits. */
static void progress(size_t samples)
{
	static double last;

	if (!isatty(STDERR_FILENO) || clock_now() < last + 0.5)
		return;
	last = clock_now();
	fprintf(stderr, "\r%zu samples\033[K", samples);
}

/* How much of all there is between two moments. */
static void print_title(int64_t first, size_t samples)
{
	char *from = when_text(first), *to = when_text(replay_time());
	int64_t passed = (replay_time() - first) / 1000000;
	char *length = age_text(passed > 0 ? passed : 0);

	printf("From %s to %s, %s, of %zu sample%s, memory and swap together:\n",
	       from, to, length, samples, samples == 1 ? "" : "s");
	free(from);
	free(to);
	free(length);
}

/* What NEWS_WITH needs, as there may be thousands of samples. */
static const char *const tables[] = { "objects", "holders", "cgroups", NULL };

static int run(int argc, char **argv)
{
	int64_t until = INT64_MAX, first = 0, last, since;
	struct output output = {};
	struct objects objects;
	struct news news = {};
	size_t samples = 0;
	int c;

	while ((c = command_option(&command_diff, argc, argv)) >= 0)
		if (c == UNTIL)
			until = when_parse("--until", optarg);
		else
			output_option(&output, c, optarg);
	if (!command_from)
		errx(2, "diff compares samples of a file: name it by --from");
	if (command_at != INT64_MAX && command_at > until)
		errx(2, "--at is later than --until");
	replay_open(command_from);
	last = replay_find(until);
	if (!last)
		replay_at(until);
	/* What was before the first sample is not known. */
	if (command_at != INT64_MAX)
		first = replay_find(command_at);
	replay_tables(first, tables);
	since = replay_time();
	do {
		objects_load(&objects, NEWS_WITH);
		news_take(&news, &objects);
		objects_free(&objects);
		progress(++samples);
	} while (replay_nr() < last && replay_step(1));
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	if (output.form == AS_TABLE)
		print_title(since, samples);
	output_begin(&output);
	news_print(&output, &news);
	output_end(&output);
	news_free(&news);
	return 0;
}

const struct command command_diff = {
	"diff", "what grew, shrank, came and went in the past", usage, run,
	OUTPUT_BASIC, options, .past = PAST_OWN
};
