// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat: whose is the shared memory?
 */
#include <err.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "table.h"

static const struct command {
	const char *name;
	const char *help;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "list",	"lists objects, all or some",		command_list },
	{ "show",	"everything known of one object",	command_show },
	{ "top",	"the largest objects, live",		command_top },
	{ "watch",	"what grows, shrinks, comes and goes",	command_watch },
	{ "risks",	"what can be cut under its users",	command_risks },
	{ "metrics",	"OpenMetrics, for Prometheus",		command_metrics },
	{}
};

static void usage(void)
{
	const struct command *command;

	puts("Usage: shmstat [options]\n"
	     "       shmstat COMMAND [options]\n"
	     "Says whose the shared memory is. Without a command: the answer on one\n"
	     "screen, by kind, by the cgroup that pays, by the process that holds it,\n"
	     "by owner, and what nothing in user space holds.\n\n"
	     "Commands; each has a --help of its own:");
	for (command = commands; command->name; command++)
		printf(" %-10s %s\n", command->name, command->help);
	puts("\nOptions:\n"
	     " -b, --bytes    sizes in bytes\n"
	     " -J, --json     as JSON\n"
	     " -h, --help     this text\n"
	     " -V, --version  the version\n\n"
	     "Exit status: 0 done, 1 failed, 2 wrong usage.");
}

void wrong_usage(char **argv)
{
	fprintf(stderr, "Try '%s --help' for more information.\n", argv[0]);
	exit(2);
}

/* What was printed may have gone nowhere. */
static int finish(int status)
{
	if (fflush(stdout) || ferror(stdout))
		err(1, "standard output");
	return status;
}

int main(int argc, char **argv)
{
	const struct command *command;
	const char *name = argc > 1 ? argv[1] : "";
	char full[40];

	setlocale(LC_ALL, "");
	/* One that was recorded, for the tests. */
	if (getenv("SHMSTAT_PROC"))
		proc_folder = getenv("SHMSTAT_PROC");
	if (!strcmp(name, "-h") || !strcmp(name, "--help")) {
		usage();
		return finish(0);
	}
	if (!strcmp(name, "-V") || !strcmp(name, "--version")) {
		puts("shmstat " VERSION);
		return finish(0);
	}
	if (!*name || *name == '-')
		return finish(command_answer(argc, argv));
	for (command = commands; command->name; command++) {
		if (strcmp(name, command->name))
			continue;
		/* As what it calls itself where it complains. */
		snprintf(full, sizeof(full), "shmstat %s", name);
		argv[1] = full;
		return finish(command->run(argc - 1, argv + 1));
	}
	errx(2, "no command '%s'; see shmstat --help", name);
}
