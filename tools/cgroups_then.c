// SPDX-License-Identifier: GPL-2.0
/*
 * What the cgroups of a recording were called. A unit is in a cgroup's path, but a
 * container's name is in a file, which may not be in the last sample any more.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroups_then.h"
#include "container.h"
#include "replay.h"
#include "xalloc.h"

/* How many samples are looked at, each of which takes its time. */
#define MAX_ASKED	16

/* Fills in the labels, which are to be freed. */
void cgroups_then_units(struct cgroup_then *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const char *unit = cgroup_unit(list[i].path);

		list[i].label = unit ? xstrdup(unit) : NULL;
	}
}

/* Whether a sample has one that was not asked for. */
static bool has_to_ask(const struct cgroup_then *cgroup, int64_t nr)
{
	return !cgroup->asked && cgroup->first <= nr && nr <= cgroup->last;
}

/*
 * In a process of its own, as what containers are called is remembered: writes the
 * names of those of a sample, each behind its place in the list.
 */
static void __attribute__((noreturn))
tell_all(const char *recording, const struct cgroup_then *list, size_t count,
	 const struct cgroup_then *at, FILE *out)
{
	size_t i;

	replay_open(recording);
	replay_at(at->time);
	for (i = 0; i < count; i++) {
		const char *name;

		if (!has_to_ask(&list[i], at->last))
			continue;
		name = container_group(list[i].path);
		fprintf(out, "%zu %s\n", i, name ?: "");
	}
	fclose(out);
	exit(0);
}

static void hear(FILE *in, struct cgroup_then *list, size_t count)
{
	char *line = NULL, *name;
	size_t room = 0, nr;

	while (xgetline(&line, &room, in) > 0) {
		nr = strtoull(line, &name, 10);
		name[strcspn(name, "\n")] = '\0';
		if (nr < count && *name == ' ' && name[1])
			list[nr].label = xstrdup(name + 1);
	}
	free(line);
}

/* Asks for all cgroups of the last sample that one is in. */
static void ask(const char *recording, struct cgroup_then *list, size_t count,
		const struct cgroup_then *at)
{
	int64_t nr = at->last;
	int ends[2];
	size_t i;
	pid_t pid;
	FILE *in;

	fflush(NULL);
	if (pipe2(ends, O_CLOEXEC))
		err(1, "pipe");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		close(ends[0]);
		tell_all(recording, list, count, at, xfdopen(ends[1], "w"));
	}
	close(ends[1]);
	in = xfdopen(ends[0], "r");
	hear(in, list, count);
	fclose(in);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	for (i = 0; i < count; i++)
		list[i].asked |= has_to_ask(&list[i], nr);
}

/**
 * cgroups_then_containers - find the containers of cgroups
 * @recording: the file of samples
 * @list: the cgroups, those that were there last first
 * @count: how many
 *
 * Fills in the labels, which are to be freed: each as the container was called in
 * the last sample with the cgroup. If these are too many, its path has to do.
 */
void cgroups_then_containers(const char *recording, struct cgroup_then *list,
			     size_t count)
{
	size_t asked = 0, i;

	for (i = 0; i < count; i++) {
		if (!list[i].asked && asked++ < MAX_ASKED)
			ask(recording, list, count, &list[i]);
		if (!list[i].asked)
			list[i].label = xstrdup(list[i].path);
		list[i].asked = true;
	}
}
