/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Looks at the past: puts a sample where the machine is looked for.
 */
#ifndef SHMSTAT_TOOLS_REPLAY_H
#define SHMSTAT_TOOLS_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

void replay_open(const char *path);
int64_t replay_find(int64_t time);
void replay_at(int64_t time);
void replay_tables(int64_t nr, const char *const *names);
bool replay_step(int direction);
int64_t replay_nr(void);
int64_t replay_time(void);
char *replay_text(void);

#endif /* SHMSTAT_TOOLS_REPLAY_H */
