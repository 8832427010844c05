/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every subcommand has, and how its command line is read.
 */
#ifndef SHMSTAT_TOOLS_COMMAND_H
#define SHMSTAT_TOOLS_COMMAND_H

#include <getopt.h>
#include <stdbool.h>

/**
 * struct command - a subcommand
 * @name: its name
 * @help: what it does, in a line
 * @usage: prints its help
 * @run: does it. Takes its own name and arguments, as main() does, and returns the
 *	exit status: 0 done, 1 failed, 2 wrong usage
 * @letters: its options of one letter, as getopt() wants them
 * @options: its long options
 * @operands: whether it takes more than options
 */
struct command {
	const char *name;
	const char *help;
	void (*usage)(void);
	int (*run)(int argc, char **argv);
	const char *letters;
	const struct option *options;
	bool operands;
};

int command_option(const struct command *command, int argc, char **argv);

#endif /* SHMSTAT_TOOLS_COMMAND_H */
