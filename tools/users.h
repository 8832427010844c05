/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHMSTAT_TOOLS_USERS_H
#define SHMSTAT_TOOLS_USERS_H

const char *user_name(const char *uid);
const char *group_name(const char *gid);

#endif /* SHMSTAT_TOOLS_USERS_H */
