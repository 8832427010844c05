/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What grew, shrank, came and went between samples, by object, process and cgroup.
 */
#ifndef SHMSTAT_TOOLS_NEWS_H
#define SHMSTAT_TOOLS_NEWS_H

#include "hash.h"
#include "objects.h"
#include "output.h"

/* What samples have to be read with. */
#define NEWS_WITH	(WITH_HOLDERS | WITH_CGROUPS)

struct tracked;

/**
 * struct tracker - all of a sort
 * @list: what is watched
 * @count: how many
 * @room: how many there is room for
 * @hash: finds them by their keys
 * @samples: how many samples there were
 * @forgotten: how many came, went and were not remembered
 */
struct tracker {
	struct tracked *list;
	size_t count;
	size_t room;
	struct hash hash;
	uint64_t samples;
	uint64_t forgotten;
};

/**
 * struct news - what changed
 * @objects: by object
 * @processes: by process that holds them
 * @cgroups: by cgroup that is charged
 */
struct news {
	struct tracker objects;
	struct tracker processes;
	struct tracker cgroups;
};

void news_take(struct news *news, const struct objects *objects);
void news_print(const struct output *output, const struct news *news);
void news_free(struct news *news);

#endif /* SHMSTAT_TOOLS_NEWS_H */
