/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHMSTAT_TOOLS_QUOTE_H
#define SHMSTAT_TOOLS_QUOTE_H

char *quote_text(const char *name);

#endif /* SHMSTAT_TOOLS_QUOTE_H */
