/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes in /proc, whose numbers may be given anew at any time.
 */
#ifndef SHMSTAT_TOOLS_PROCESS_H
#define SHMSTAT_TOOLS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct process - a process whose files are read
 * @folder: its folder in /proc, opened
 * @start: when it started, in clock ticks since the machine booted
 */
struct process {
	int folder;
	uint64_t start;
};

bool process_open(struct process *process, const char *pid);
bool process_is_same(const struct process *process);
void process_close(struct process *process);
FILE *process_file(const struct process *process, const char *name);
char *process_comm(const struct process *process);
char *process_cgroup(const struct process *process);

#endif /* SHMSTAT_TOOLS_PROCESS_H */
