// SPDX-License-Identifier: GPL-2.0
/*
 * Hostile users: each does one behaviour after the other, in namespaces of its
 * own. Which ones, and how, follows from the seed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostile.h"
#include "../helpers/file.h"
#include "../helpers/kernel.h"
#include "../helpers/process.h"
#include "../helpers/table.h"

/* Each process has its own sequence. */
static uint64_t random_state;

void seed_random(unsigned int a, unsigned int b)
{
	random_state = ((uint64_t)settings.seed << 32) ^ a * 0x9e3779b97f4a7c15ULL ^
		       b * 0xc2b2ae3d27d4eb4fULL;
	random_state |= 1;
}

unsigned int pick(unsigned int n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return n ? (random_state >> 20) % n : 0;
}

unsigned int pick_size(unsigned int max)
{
	unsigned int n = 1 + pick(max);

	return pick(4) ? 1 + n / 16 : n;
}

#define UNABLE	77

static struct record *record;

void unable(const char *what)
{
	if (!record->why[0])
		snprintf(record->why, sizeof(record->why), "%s: %s", what,
			 strerror(errno));
	_exit(UNABLE);
}

/* Process 1 of a pid namespace returns from this; its parent waits for it. */
static void enter_namespaces(void)
{
	struct rlimit files = { 200000, 200000 };
	int status, alive[2];
	const char *failed;
	pid_t pid;

	/* They are the first to be killed where memory is short. */
	write_file("/proc/self/oom_score_adj", "500");
	setrlimit(RLIMIT_NOFILE, &files);
	failed = become_user(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID);
	if (failed)
		unable(failed);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		unable("private mounts");
	if (pipe(alive))
		_exit(1);
	pid = fork();
	if (pid < 0)
		_exit(1);
	if (!pid) {
		struct pollfd parent = { .fd = alive[0] };

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* If the parent has ended before: in here its pid is always 0. */
		close(alive[1]);
		if (poll(&parent, 1, 0))
			_exit(1);
		close(alive[0]);
		return;
	}
	waitpid(pid, &status, 0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 0);
}

bool wanted(const struct behaviour *behaviour)
{
	return !settings.only || !*settings.only ||
	       strstr(settings.only, behaviour->name);
}

const struct behaviour *pick_behaviour(void)
{
	const struct behaviour *chosen = NULL;
	int i, sum = 0;

	for (i = 0; i < nr_behaviours; i++) {
		if (!wanted(&behaviours[i]))
			continue;
		sum += behaviours[i].weight;
		if (pick(sum) < behaviours[i].weight)
			chosen = &behaviours[i];
	}
	return chosen;
}

static void run_behaviours(int nr)
{
	const struct behaviour *behaviour;
	unsigned int run;
	int status;
	double end;
	pid_t pid;

	prctl(PR_SET_NAME, "adv-user");
	write_file("/proc/self/oom_score_adj", "-1000");
	if (enter_cgroup(USERS))
		_exit(1);
	for (run = 0; !shared->over; run++) {
		seed_random(nr, run);
		behaviour = pick_behaviour();
		record = &shared->records[behaviour - behaviours];
		count(record->runs);
		end = now() + (behaviour->patience + pick(4000) / 1e3 + 0.1) *
			      settings.pace;
		pid = fork_child();
		if (!pid) {
			enter_namespaces();
			behaviour->fn();
			_exit(0);
		}
		while (!waitpid(pid, &status, WNOHANG)) {
			if (now() > end)
				kill(pid, SIGKILL);
			sleep_ms(20);
		}
		if (WIFEXITED(status) && WEXITSTATUS(status) == UNABLE)
			count(record->unable);
		sleep_ms(5);
	}
	_exit(0);
}

pid_t start_user(int nr)
{
	pid_t pid = fork_child();

	if (!pid)
		run_behaviours(nr);
	return pid;
}
