/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the adversary share:
 *	behaviours.c	what a hostile user does; a new behaviour goes there
 *	users.c		the users, each of which does one after the other
 *	readers.c	readers of shmstat, each of whose answers is checked
 *	bystanders.c	processes that must not notice the readers
 *	../adversary.c	starts all of them and judges what they have counted
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../helpers/living.h"

#define MB		(1UL << 20)
#define CGROUP		"/sys/fs/cgroup/adversary"
#define USERS		CGROUP "/users"
#define BYSTANDERS	CGROUP "/bystanders"

/* From the environment, and from the size of the machine. */
extern struct settings {
	unsigned int seed;
	double duration;	/* seconds */
	const char *only;	/* names of behaviours, or NULL for all */
	double bound;		/* seconds that a killed reader may take */
	double pace;		/* how much slower than usual the kernel is */
	unsigned long ram;	/* bytes */
	unsigned int objects;	/* the maximum of one behaviour */
	int users;		/* at a time */
} settings;

/* How often a behaviour ran, and how often it could not and why. */
struct record {
	unsigned long runs;
	unsigned long unable;
	char why[96];
};

#define MAX_BEHAVIOURS	32

/* Without readers, and beside them. */
enum { ALONE, BESIDE_READERS, NR_PHASES };

/* Which of two loops of umount(2), see bystanders.c. */
enum { WHERE_READERS_LOOK, BESIDE_STATVFS, NR_UMOUNTS };

/* What all processes count in, in shared memory. */
extern struct shared {
	volatile bool over;
	volatile int phase;
	struct record records[MAX_BEHAVIOURS];

	/* By the readers. */
	unsigned long reads, max_rows;
	unsigned long missing[NR_LIVING];
	unsigned long enoent, torn, again, nomem, nomem_summary, errors;
	int last_error;
	char last_file[32];
	unsigned long extents;
	unsigned long kills, slow_kills;
	double slowest_kill;

	/* By the bystanders, in each phase. */
	unsigned long umounts[NR_PHASES][NR_UMOUNTS], busy[NR_PHASES][NR_UMOUNTS];
	unsigned long locks[NR_PHASES], locked[NR_PHASES];
	unsigned long execs[NR_PHASES];
	unsigned long unwritable[NR_PHASES], unexecutable[NR_PHASES];
} *shared;

#define count(what)	__atomic_add_fetch(&(what), 1, __ATOMIC_RELAXED)

/* The objects that each read has to have. */
extern struct living living;

/* behaviours.c */
struct behaviour {
	const char *name;
	void (*fn)(void);
	int weight;	/* how often it is chosen */
	int patience;	/* seconds that it may have, where few are not enough */
};

extern const struct behaviour behaviours[];
extern const int nr_behaviours;

/* users.c */
void seed_random(unsigned int a, unsigned int b);
/* From 0 to n - 1. */
unsigned int pick(unsigned int n);
/* From 1 to max: few as a rule and many once in a while. */
unsigned int pick_size(unsigned int max);
/* Ends a behaviour for which something is missing here. */
void unable(const char *what);
/* Whether the settings name it, or none. */
bool wanted(const struct behaviour *behaviour);
/* One of those that are wanted; NULL if there is none. */
const struct behaviour *pick_behaviour(void);
pid_t start_user(int nr);

/* readers.c: how many were started; they run until they are killed. */
#define MAX_READERS	8
int start_readers(pid_t *pids);

/* bystanders.c: the same. */
#define MAX_BYSTANDERS	8
int start_bystanders(pid_t *pids);

#endif /* HOSTILE_H */
