/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What holds objects by descriptors, and by the GPU handles behind descriptors.
 */
#ifndef SHMSTAT_DESCRIPTORS_H
#define SHMSTAT_DESCRIPTORS_H

#include "budget.h"
#include "hashtable.h"
#include "holds.h"
#include "resource.h"

struct sock;

/**
 * typedef shmstat_hold_fn - called for each hold
 * @hold: the hold
 * @arg: the argument of shmstat_scan_descriptors()
 *
 * Context: Process context, may sleep.
 * Return: 0; anything else ends the scan.
 */
typedef int (*shmstat_hold_fn)(const struct shmstat_hold *hold, void *arg);

/* Numbers of walks over one descriptor table follow each other. */
#define SHMSTAT_WALKS	(SHMSTAT_MAX_RETRIES + 1)

/**
 * shmstat_walk_replaces - check whether holds that were found earlier are outdated
 * @walk: number of a walk over a descriptor table
 * @earlier: number of another walk before it; 0 if there was none
 *
 * A table is walked again if it may be another one at the same address. Each walk
 * replaces all earlier ones, as a task that ends leaves its own one unfinished.
 *
 * Context: Any.
 * Return: true if both are walks over what may be the same table.
 */
static inline bool shmstat_walk_replaces(u32 walk, u32 earlier)
{
	return earlier && walk / SHMSTAT_WALKS == earlier / SHMSTAT_WALKS;
}

/**
 * struct shmstat_socket - an AF_UNIX socket with descriptors in flight to it
 * @sk: its address, only to be compared
 * @ino: its inode number; with @sk it tells sockets apart
 * @tgid: lowest pid, in the initial pid namespace, of a process that has it open;
 *	0 if none was found
 * @scan: number of the scan that read it last
 * @next: for the hash table
 */
struct shmstat_socket {
	const struct sock *sk;
	u64 ino;
	pid_t tgid;
	u32 scan;
	u32 next;
};

/**
 * struct shmstat_descriptors - what all scans of a snapshot found besides holds
 * @budget: the read's budget
 * @sockets: every &struct shmstat_socket
 * @by_sk: finds them
 * @sharers: a u32 for each descriptor table: number of processes that share it
 * @any_shared: there is a table that several processes share
 * @scans: number of scans
 */
struct shmstat_descriptors {
	struct shmstat_budget *budget;
	struct shmstat_rows sockets;
	struct shmstat_hashtable by_sk;
	struct shmstat_rows sharers;
	bool any_shared;
	u32 scans;
};

void shmstat_descriptors_init(struct shmstat_descriptors *descriptors,
			      struct shmstat_budget *budget);
int shmstat_scan_descriptors(struct shmstat_descriptors *descriptors,
			     shmstat_hold_fn found, void *arg);
u32 shmstat_descriptors_sharers(const struct shmstat_descriptors *descriptors,
				u32 walk);
void shmstat_descriptors_free(struct shmstat_descriptors *descriptors);

/**
 * shmstat_socket_at - get a socket by its number
 * @descriptors: the argument of shmstat_scan_descriptors()
 * @nr: the number, from 0
 *
 * Context: Any.
 * Return: the socket; NULL if there is none.
 */
static inline struct shmstat_socket *
shmstat_socket_at(const struct shmstat_descriptors *descriptors, u32 nr)
{
	return shmstat_rows_at(&descriptors->sockets, nr);
}

#endif /* SHMSTAT_DESCRIPTORS_H */
