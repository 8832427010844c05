/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every subcommand has, and how its command line is read.
 */
#ifndef SHMSTAT_TOOLS_COMMAND_H
#define SHMSTAT_TOOLS_COMMAND_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

/* How a command takes --from. */
enum past {
	PAST_REPLAYED,
	PAST_OWN,
	PAST_NEVER,
};

/* Options of every command, and what helps say of them. */
enum { COMMAND_FROM = 768, COMMAND_AT };
#define COMMAND_OPTIONS							\
	{ "from",	required_argument,	NULL, COMMAND_FROM },	\
	{ "at",		required_argument,	NULL, COMMAND_AT }
#define COMMAND_HELP							\
	"     --from FILE    as it was: from a file of shmstat record\n"	\
	"     --at TIME      at that time: yesterday, \"2026-11-25 03:00\", -1h (the last)\n"

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
 * @past: whether a sample of --from is replayed for it, it takes samples itself,
 *	or has nothing to do with the past
 * @instead: what the last of these says then
 */
struct command {
	const char *name;
	const char *help;
	void (*usage)(void);
	int (*run)(int argc, char **argv);
	const char *letters;
	const struct option *options;
	bool operands;
	enum past past;
	const char *instead;
};

extern const char *command_from;
extern int64_t command_at;

int command_option(const struct command *command, int argc, char **argv);

#endif /* SHMSTAT_TOOLS_COMMAND_H */
