/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHMSTAT_TOOLS_SOCKETS_H
#define SHMSTAT_TOOLS_SOCKETS_H

#include "output.h"

void sockets_note(void);
void sockets_print(const struct output *output);

#endif /* SHMSTAT_TOOLS_SOCKETS_H */
