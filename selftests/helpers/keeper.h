/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module in keeper/, which lets the kernel keep a file or pages.
 */
#ifndef HELPERS_KEEPER_H
#define HELPERS_KEEPER_H

/* Loads it with these parameters, such as "name=x size=4096": 0, or -1 with errno. */
int load_keeper(const char *parameters);
int unload_keeper(void);

#endif /* HELPERS_KEEPER_H */
