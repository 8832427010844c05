/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The subcommands of shmstat, a file each.
 */
#ifndef SHMSTAT_TOOLS_COMMANDS_H
#define SHMSTAT_TOOLS_COMMANDS_H

#include "command.h"

extern const struct command command_diff;
extern const struct command command_list;
extern const struct command command_metrics;
extern const struct command command_orphans;
extern const struct command command_plot;
extern const struct command command_record;
extern const struct command command_risks;
extern const struct command command_samples;
extern const struct command command_show;
extern const struct command command_top;
extern const struct command command_watch;
extern const struct command command_whatif;

struct output;

/* Without a subcommand: the first screen, or all there is to be said. */
void overview(const struct output *output, bool whole);

#endif /* SHMSTAT_TOOLS_COMMANDS_H */
