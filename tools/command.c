// SPDX-License-Identifier: GPL-2.0
/*
 * How a subcommand's command line is read.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"

/**
 * command_option - the next option on the command line
 * @command: whose options
 * @argc: how many arguments
 * @argv: its name, which messages repeat, and its arguments
 *
 * Prints the help where that is asked for. Ends the program, with an explanation,
 * at what is no option, and at operands of a command that takes none.
 *
 * Return: what getopt_long() does; -1 behind the last one.
 */
int command_option(const struct command *command, int argc, char **argv)
{
	int c = getopt_long(argc, argv, command->letters, command->options,
			    NULL);

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
	return c;
}
