/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes in /proc, whose numbers may be given anew at any time.
 */
#ifndef SHMSTAT_TOOLS_PROCESS_H
#define SHMSTAT_TOOLS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Where /proc is. The tests have one that was recorded. */
#define PROC_DIR	"/proc"
extern const char *proc_dir;

/**
 * struct process - a process whose files are read
 * @pid: its process id, as it was given
 * @dir: its directory in /proc, opened
 * @start: when it started, in clock ticks since the machine booted
 */
struct process {
	const char *pid;
	int dir;
	uint64_t start;
};

void process_each(void (*visit)(void *context, const char *pid), void *context);
void process_each_fd(const struct process *process,
		     bool (*visit)(void *context, const struct process *process,
				   int dir, const char *fd),
		     void *context);
bool process_open(struct process *process, const char *pid);
bool process_is_same(const struct process *process);
void process_close(struct process *process);
uint64_t process_view(const struct process *process, uint64_t mnt);
bool process_namespace(const struct process *process, const char *name,
		       uint64_t *inode);
FILE *process_file(const struct process *process, const char *name);
void process_note_fd(const struct process *process, const char *fd,
		     const char *link, const char *info);
char *process_comm(const struct process *process);
char *process_cgroup(const struct process *process);

#endif /* SHMSTAT_TOOLS_PROCESS_H */
