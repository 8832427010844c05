/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What shmstat can be told to do. Each takes its own name and arguments, as
 * main() does, and returns the exit status: 0 done, 1 failed, 2 wrong usage.
 */
#ifndef SHMSTAT_TOOLS_COMMANDS_H
#define SHMSTAT_TOOLS_COMMANDS_H

#include <getopt.h>

int command_answer(int argc, char **argv);
int command_list(int argc, char **argv);
int command_metrics(int argc, char **argv);
int command_risks(int argc, char **argv);
int command_show(int argc, char **argv);
int command_top(int argc, char **argv);
int command_watch(int argc, char **argv);

/* Their long options. */
extern const struct option answer_options[];
extern const struct option list_options[];
extern const struct option metrics_options[];
extern const struct option risks_options[];
extern const struct option show_options[];
extern const struct option top_options[];
extern const struct option watch_options[];

/* And their letters, beside those of lists, in output.h. */
#define TOP_SHORT	"hi:"
#define WATCH_SHORT	"bJhi:f:"
#define METRICS_SHORT	"h"

/* Of shmstat itself. */
void main_usage(void);

/* After getopt_long() has said what is wrong: where to read on; exits with 2. */
void wrong_usage(char **argv) __attribute__((noreturn));

#endif /* SHMSTAT_TOOLS_COMMANDS_H */
