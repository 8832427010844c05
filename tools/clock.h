/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Time that passes, in seconds.
 */
#ifndef SHMSTAT_TOOLS_CLOCK_H
#define SHMSTAT_TOOLS_CLOCK_H

/* The shortest interval between two samples. */
#define SHORTEST_INTERVAL	0.1

double clock_now(void);
void clock_sleep(double seconds);
double clock_parse(const char *option, const char *text, double least);

#endif /* SHMSTAT_TOOLS_CLOCK_H */
