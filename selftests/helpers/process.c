// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "kernel.h"
#include "process.h"
#include "table.h"

void *map_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap", strerror(errno));
	return p;
}

pid_t fork_child(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		_exit(1);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* It may have ended before prctl(). */
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}

pid_t start_child(void (*fn)(void *arg), void *arg)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready))
		return -1;
	pid = fork_child();
	if (!pid) {
		close(ready[0]);
		fn(arg);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1 && pid > 0) {
		stop_child(pid);
		pid = -1;
	}
	close(ready[0]);
	return pid;
}

void stop_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

bool wait_for_end(pid_t pid, double seconds)
{
	return wait_until(waitpid(pid, NULL, WNOHANG) == pid, seconds);
}

int run_child(int (*fn)(const void *arg), const void *arg)
{
	int status = -1;
	pid_t pid = fork_child();

	if (!pid)
		_exit(fn(arg));
	waitpid(pid, &status, 0);
	return status;
}

int sleep_on(void *arg)
{
	(void)arg;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
	return 0;
}

int start_sleepers(pid_t *pids, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		pids[i] = fork_child();
		if (!pids[i])
			sleep_on(NULL);
	}
	return i;
}

#define STACK_SIZE	(1UL << 14)

int clone_sleepers(pid_t *pids, int count, int flags)
{
	char *stacks = mmap(NULL, count * STACK_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int i;

	if (stacks == MAP_FAILED)
		return 0;
	for (i = 0; i < count; i++) {
		pids[i] = clone(sleep_on, stacks + (i + 1) * STACK_SIZE,
				flags | SIGCHLD, NULL);
		if (pids[i] < 0)
			break;
	}
	return i;
}

void stop_children(const pid_t *pids, int count)
{
	int i;

	for (i = 0; i < count; i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < count; i++)
		waitpid(pids[i], NULL, 0);
}

void fill_memory(void *arg)
{
	size_t size = *(size_t *)arg;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	memset(p, 1, size);
	write_file("/proc/self/oom_score_adj", "1000");
}

int enter_cgroup(const char *dir)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	return write_file(path, "0");
}

int map_root_to(unsigned int id)
{
	char map[32];

	snprintf(map, sizeof(map), "0 %u 1", id);
	write_file("/proc/self/setgroups", "deny");
	return write_file("/proc/self/uid_map", map) ||
	       write_file("/proc/self/gid_map", map) ? -1 : 0;
}

const char *become_user(int namespaces)
{
	if (setgid(NOBODY) || setuid(NOBODY))
		return "setuid";
	/* Otherwise the files in /proc/self are root's. */
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWUSER | namespaces))
		return "namespaces";
	return map_root_to(NOBODY) ? "uid_map" : NULL;
}

int copy_program(int fd)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ssize_t done;

	/* A caller that is frozen on the way has sent a part. */
	do {
		done = sendfile(fd, from, NULL, 1 << 20);
	} while (done > 0 || (done < 0 && errno == EINTR));
	close(from);
	return done;
}

static unsigned long *rounds;

unsigned long reader_rounds(void)
{
	return rounds ? __atomic_load_n(rounds, __ATOMIC_RELAXED) : 0;
}

pid_t start_reader(const char *names)
{
	char list[256], path[128], *name, *rest;
	bool done;
	pid_t pid;

	if (!rounds)
		rounds = map_shared(sizeof(*rounds));
	pid = fork_child();
	if (pid)
		return pid;
	for (;;) {
		done = true;
		snprintf(list, sizeof(list), "%s", names);
		for (rest = list; (name = strsep(&rest, " ")); ) {
			snprintf(path, sizeof(path), PROC "%s", name);
			done &= !skip_file(path);
		}
		__atomic_add_fetch(rounds, done, __ATOMIC_RELAXED);
	}
}
