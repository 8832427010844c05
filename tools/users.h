/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHMSTAT_TOOLS_USERS_H
#define SHMSTAT_TOOLS_USERS_H

#include <stdbool.h>

#include "set.h"

/* Whether ids are shown instead of names. */
extern bool users_numeric;

const char *user_name(const char *uid);
const char *group_name(const char *gid);
char *user_home(const char *uid);
void users_note(struct set *uids, struct set *gids);

#endif /* SHMSTAT_TOOLS_USERS_H */
