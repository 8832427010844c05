// SPDX-License-Identifier: GPL-2.0
/*
 * How a subcommand's command line is read.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "moment.h"
#include "replay.h"
#include "when.h"

/* The file of samples, NULL for the machine as it is; and the time, if one is given. */
const char *command_from;
int64_t command_at = INT64_MAX;

/* What is asked for from here on is of the past. */
static void look_back(const struct command *command)
{
	/* Some commands go through their options twice. */
	if (moment_is_past())
		return;
	if (!command_from && command_at != INT64_MAX)
		errx(2, "--at is a time in a file of samples: name it by --from");
	if (!command_from || command->past == PAST_OWN)
		return;
	if (command->past == PAST_NEVER)
		errx(2, "%s does not take --from: %s", command->name,
		     command->instead);
	replay_open(command_from);
	replay_at(command_at);
}

/**
 * command_option - the next option on the command line, but those of every command
 * @command: whose options
 * @argc: how many arguments
 * @argv: its name, which messages repeat, and its arguments
 *
 * Prints the help where that is asked for. Ends the program, with an explanation,
 * at what is no option, and at operands of a command that takes none. Behind the
 * last one, the machine is as it was if that was asked for.
 *
 * Return: what getopt_long() does; -1 behind the last one.
 */
int command_option(const struct command *command, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, command->letters, command->options,
				NULL)) == COMMAND_FROM || c == COMMAND_AT)
		if (c == COMMAND_FROM)
			command_from = optarg;
		else
			command_at = when_parse("--at", optarg);
	if (c == 'h') {
		command->usage();
		exit(0);
	}
	if (c == '?') {
		fprintf(stderr, "Try '%s --help' for more information.\n",
			argv[0]);
		exit(2);
	}
	if (c < 0 && !command->operands && optind < argc)
		errx(2, "%s takes no '%s'; see %s --help", command->name,
		     argv[optind], argv[0]);
	if (c < 0)
		look_back(command);
	return c;
}
