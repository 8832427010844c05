/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes of the test: children that hold something, readers, users with
 * namespaces, and what they share.
 */
#ifndef HELPERS_PROCESS_H
#define HELPERS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define NOBODY	65534

/* Memory, filled with zeroes, that later children share; ends the test if none. */
void *map_shared(size_t size);

/* fork(2) of a child that does not outlive its parent; _exit(1) if it cannot. */
pid_t fork_child(void);
/* A child that runs a function and waits to be killed, ready on return. */
pid_t start_child(void (*fn)(void *arg), void *arg);
void stop_child(pid_t pid);
/* Whether it ends within so many seconds; its wait status is dropped. */
bool wait_for_end(pid_t pid, double seconds);
/* The wait status of a child that runs a function, whose result it exits with. */
int run_child(int (*fn)(const void *arg), const void *arg);

/* Waits to be killed, and does not outlive its parent: for clone(2) as well. */
int sleep_on(void *arg);
/* Children that only have copies of what the parent has; how many there are. */
int start_sleepers(pid_t *pids, int count);
/* The same by clone(2), with these flags. */
int clone_sleepers(pid_t *pids, int count, int flags);
void stop_children(const pid_t *pids, int count);

/* Fills *(size_t *)arg bytes and is the first to be killed for memory. */
void fill_memory(void *arg);

/* Puts the caller into a cgroup: 0 or -1. */
int enter_cgroup(const char *dir);

/* The caller's user namespace maps its root to this user: 0 or -1. */
int map_root_to(unsigned int id);
/*
 * Makes the caller an unprivileged user with root in namespaces of its own: these
 * and a user namespace. NULL, or what failed.
 */
const char *become_user(int namespaces);

/* Writes the running program to a file: 0 or -1. */
int copy_program(int fd);

/* Reads tables of /proc/shmstat, whose names are separated by spaces, until killed. */
pid_t start_reader(const char *names);
/* How many times all readers together have read theirs without an error. */
unsigned long reader_rounds(void);

#endif /* HELPERS_PROCESS_H */
