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
#include "files.h"
#include "output.h"
#include "process.h"
#include "xalloc.h"

static const struct command *const commands[] = {
	&command_list,
	&command_show,
	&command_top,
	&command_watch,
	&command_diff,
	&command_whatif,
	&command_orphans,
	&command_risks,
	&command_plot,
	&command_metrics,
	&command_record,
	&command_samples,
	NULL
};

static void usage(void)
{
	size_t i;

	puts("Usage: shmstat [options]\n"
	     "       shmstat [options] COMMAND [options]\n"
	     "Says whose the shared memory is. Without a command: one screen, of what nobody\n"
	     "uses, what neither a process nor a name holds, which file systems are nearly\n"
	     "full, what programs and services keep, sums, and what is not in Shmem.\n\n"
	     "Commands; each has a --help of its own:");
	for (i = 0; commands[i]; i++)
		printf(" %-10s %s\n", commands[i]->name, commands[i]->help);
	puts("\nOptions:\n"
	     "     --all          more than one screen: all there is to be said\n"
	     "     --color WHEN   headings in bold: auto, always or never\n"
	     COMMAND_HELP
	     OUTPUT_HELP
	     " -V, --version      the version\n\n"
	     "Exit status: 0 done, 1 failed, 2 wrong usage.");
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

/*
 * Where the first argument is that is no option of a command, nor that of one.
 * @unknown: the option where it cannot go on, to be freed; or NULL
 */
static int first_argument(int argc, char **argv, const struct command *command,
			  char **unknown)
{
	char *stopping = xasprintf("+%s", command->letters);
	int c;

	*unknown = NULL;
	optind = 0;
	opterr = 0;
	do
		c = getopt_long(argc, argv, stopping, command->options, NULL);
	while (c >= 0 && c != '?');
	if (c == '?')
		*unknown = optopt ? xasprintf("-%c", optopt) :
			   xstrndup(argv[optind - 1],
				    strcspn(argv[optind - 1], "="));
	c = c == '?' ? argc : optind;
	optind = 0;
	opterr = 1;
	free(stopping);
	return c;
}

/* What stands there is no command, or one behind an option that it has not. */
static void no_command(int argc, char **argv, const char *word)
{
	char *unknown;
	size_t i;

	for (i = 0; commands[i]; i++) {
		if (strcmp(word, commands[i]->name))
			continue;
		first_argument(argc, argv, commands[i], &unknown);
		if (unknown)
			errx(2,
			     "%s is an option of shmstat without a command, not of %s: leave it out",
			     unknown, word);
	}
	errx(2, "no command '%s'; see shmstat --help", word);
}

enum { ALL = 256 };

/* Without a subcommand. */
static int run_overview(int argc, char **argv)
{
	static const struct option options[] = {
		OUTPUT_OPTIONS,
		{ "all",	no_argument,		NULL, ALL },
		{ "color",	required_argument,	NULL, OUTPUT_COLOR },
		{ "version",	no_argument,		NULL, 'V' },
		{}
	};
	static const struct command command = {
		.usage = usage,
		/* Behind a command, options are that one's. */
		.letters = "+" OUTPUT_BASIC "V",
		.options = options,
		.operands = true,
	};
	struct output output = {};
	bool whole = false;
	int c;

	output_option(&output, OUTPUT_COLOR, "auto");
	while ((c = command_option(&command, argc, argv)) >= 0) {
		if (c == 'V') {
			puts("shmstat " VERSION);
			return 0;
		}
		if (c == ALL)
			whole = true;
		output_option(&output, c, optarg);
	}
	if (optind < argc)
		no_command(argc, argv, argv[optind]);
	overview(&output, whole);
	return 0;
}

/*
 * The command whose name comes behind options that it has. If there is none, the
 * overview complains of what else stands there.
 */
static const struct command *find_command(int argc, char **argv, int *at)
{
	char *unknown;
	size_t i;

	for (i = 0; commands[i]; i++) {
		*at = first_argument(argc, argv, commands[i], &unknown);
		free(unknown);
		if (*at < argc && !strcmp(argv[*at], commands[i]->name))
			return commands[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command;
	int at;

	/* Sizes and intervals are spelt alike everywhere. */
	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	atexit(close_stdout);
	/* One that was recorded, for the tests. */
	if (getenv("SHMSTAT_PROC"))
		proc_dir = getenv("SHMSTAT_PROC");
	if (getenv("SHMSTAT_ROOT"))
		root_dir = getenv("SHMSTAT_ROOT");
	command = find_command(argc, argv, &at);
	if (!command)
		return run_overview(argc, argv);
	/* As what it calls itself where it complains, and without its name. */
	memmove(&argv[at], &argv[at + 1], (argc - at) * sizeof(*argv));
	argv[0] = xasprintf("shmstat %s", command->name);
	return command->run(argc - 1, argv);
}
