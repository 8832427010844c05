// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat: whose is the shared memory?
 */
#include <err.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "output.h"
#include "table.h"

static const struct command {
	const char *name;
	const char *help;
	int (*run)(int argc, char **argv);
	const char *letters;
	const struct option *options;
} commands[] = {
	{ "list",	"lists objects, all or some",
	  command_list,		OUTPUT_SHORT,		list_options },
	{ "show",	"everything known of one object",
	  command_show,		OUTPUT_BASIC,		show_options },
	{ "top",	"the largest objects, live",
	  command_top,		TOP_SHORT,		top_options },
	{ "watch",	"what grows, shrinks, comes and goes",
	  command_watch,	WATCH_SHORT,		watch_options },
	{ "risks",	"what can be cut under its users",
	  command_risks,	OUTPUT_SHORT,		risks_options },
	{ "metrics",	"OpenMetrics, for Prometheus",
	  command_metrics,	METRICS_SHORT,		metrics_options },
	{}
};

void main_usage(void)
{
	const struct command *command;

	puts("Usage: shmstat [options]\n"
	     "       shmstat [options] COMMAND [options]\n"
	     "Says whose the shared memory is. Without a command: the answer on one\n"
	     "screen, by kind, by the cgroup that pays, by the process that holds it,\n"
	     "by owner, and what nothing in user space holds.\n\n"
	     "Commands; each has a --help of its own:");
	for (command = commands; command->name; command++)
		printf(" %-10s %s\n", command->name, command->help);
	puts("\nOptions:\n"
	     OUTPUT_HELP
	     " -V, --version      the version\n\n"
	     "Exit status: 0 done, 1 failed, 2 wrong usage.");
}

void wrong_usage(char **argv)
{
	fprintf(stderr, "Try '%s --help' for more information.\n", argv[0]);
	exit(2);
}

/* What was printed may have gone nowhere, also where exit() was called. */
static void close_stdout(void)
{
	bool failed = ferror(stdout);

	if ((fclose(stdout) || failed) && errno != EPIPE) {
		warn("standard output");
		_exit(1);
	}
}

/* Where the first argument is that is no option, nor that of one. */
static int first_argument(int argc, char **argv, const char *letters,
			  const struct option *options)
{
	char stopping[40];
	int c;

	snprintf(stopping, sizeof(stopping), "+%s", letters);
	optind = 0;
	opterr = 0;
	do
		c = getopt_long(argc, argv, stopping, options, NULL);
	while (c >= 0 && c != '?');
	c = c == '?' ? argc : optind;
	optind = 0;
	opterr = 1;
	return c;
}

/*
 * The command whose name comes behind options that it has. What else stands
 * there is left to the answer, which has a word to say to it.
 */
static const struct command *find_command(int argc, char **argv, int *at)
{
	const struct command *command;

	for (command = commands; command->name; command++) {
		*at = first_argument(argc, argv, command->letters,
				     command->options);
		if (*at < argc && !strcmp(argv[*at], command->name))
			return command;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command;
	char full[40];
	int at;

	/* Sizes and intervals are spelt alike everywhere. */
	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	atexit(close_stdout);
	/* One that was recorded, for the tests. */
	if (getenv("SHMSTAT_PROC"))
		proc_folder = getenv("SHMSTAT_PROC");
	command = find_command(argc, argv, &at);
	if (!command)
		return command_answer(argc, argv);
	/* As what it calls itself where it complains, and without its name. */
	snprintf(full, sizeof(full), "shmstat %s", command->name);
	memmove(&argv[at], &argv[at + 1], (argc - at) * sizeof(*argv));
	argv[0] = full;
	return command->run(argc - 1, argv);
}
