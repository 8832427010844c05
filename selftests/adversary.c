// SPDX-License-Identifier: GPL-2.0
/*
 * Hostile users, unprivileged and in namespaces of their own, do at the same time
 * all that is allowed and makes reading shmstat hard. Beside them run readers, whose
 * every answer is checked, and bystanders, which must not notice the readers. See
 * hostile/hostile.h for the parts.
 *
 *	DURATION=60	seconds
 *	SEED=1		decides what is done and in which order, though not which of
 *			several processes is faster
 *	ONLY="flight"	only these behaviours, separated by spaces
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/living.h"
#include "helpers/process.h"
#include "helpers/table.h"
#include "hostile/hostile.h"

struct settings settings;
struct shared *shared;
struct living living;

static int make_cgroups(void)
{
	mkdir(CGROUP, 0755);
	if (write_file(CGROUP "/cgroup.subtree_control", "+memory") && errno != ENOENT)
		return -1;
	if ((mkdir(USERS, 0755) && errno != EEXIST) ||
	    (mkdir(BYSTANDERS, 0755) && errno != EEXIST))
		return -1;
	/* Users that make more than this are killed for it. */
	return write_number(USERS "/memory.max", settings.ram / 5 * 2);
}

/* A process that waits for a file system without an answer cannot be frozen. */
static void freeze(bool on)
{
	write_number(CGROUP "/cgroup.freeze", on);
	if (on)
		wait_until(figure(CGROUP "/cgroup.events", "frozen") == 1, 1);
}

/*
 * While all other processes are frozen, and the kernel's own counter does not
 * change, the report's sum has to be equal to it.
 */
static void compare_when_frozen(unsigned long *compared, unsigned long *differ)
{
	long long before, sum, after;
	bool equal = false, quiet = false;
	int try;

	freeze(true);
	for (try = 0; try < 10 && !equal; try++) {
		before = meminfo("Shmem");
		sum = figure(REPORT, "Accounted");
		after = meminfo("Shmem");
		if (before == after) {
			quiet = true;
			equal = sum == before;
		}
		if (!equal)
			sleep_ms(50);
	}
	freeze(false);
	*compared += quiet;
	if (quiet && !equal) {
		ksft_print_msg("Shmem %lld kB, accounted %lld kB\n", before,
			       sum);
		(*differ)++;
	}
}

static double share(unsigned long part, unsigned long whole)
{
	return whole ? (double)part / whole : 0;
}

static void read_settings(void)
{
	const char *text = getenv("SEED");

	settings.seed = text && *text ? strtoul(text, NULL, 10) :
					time(NULL) ^ getpid() << 16;
	text = getenv("DURATION");
	settings.duration = text && *text ? strtod(text, NULL) : 60;
	settings.only = getenv("ONLY");
	settings.ram = meminfo("MemTotal") << 10;
	settings.bound = debug_kernel() ? 40 : 10;
	settings.pace = debug_kernel() ? 3 : 1;
	settings.users = debug_kernel() ? 4 : 8;
	/* Some 2 KB each, and several times as much on a debug kernel. */
	settings.objects = settings.ram / 100 / (debug_kernel() ? 1600 : 400);
	if (settings.objects > 100000)
		settings.objects = 100000;
}

static void print_records(void)
{
	const struct record *record;
	int i;

	for (i = 0; i < nr_behaviours; i++) {
		record = &shared->records[i];
		if (!wanted(&behaviours[i]))
			continue;
		ksft_print_msg("%s: %lu times", behaviours[i].name, record->runs);
		if (record->unable)
			printf(", %lu of them unable (%s)", record->unable, record->why);
		printf("\n");
	}
}

/* Returns the number of processes, which run until they are killed. */
static int start_users(pid_t *pids)
{
	int nr;

	for (nr = 0; nr < settings.users; nr++)
		pids[nr] = start_user(nr);
	return nr;
}

static void set_up(void)
{
	read_settings();
	setbuf(stdout, NULL);
	ksft_print_msg("SEED=%u, %.0f s, up to %u objects at a time each\n",
		       settings.seed, settings.duration, settings.objects);
	shared = map_shared(sizeof(*shared));
	if (nr_behaviours > MAX_BEHAVIOURS)
		ksft_exit_fail_msg("more than MAX_BEHAVIOURS behaviours\n");
	if (!pick_behaviour())
		ksft_exit_fail_msg("ONLY=%s names no behaviour\n", settings.only);
	if (make_cgroups())
		ksft_exit_fail_msg("cannot set up: %s\n", strerror(errno));
	if (system("modprobe -qa fuse overlay 2>/dev/null"))
		(void)0; /* They may be built in; behaviours say what is missing. */
	chmod("/dev/fuse", 0666);
	write_file("/proc/sys/kernel/unprivileged_userns_clone", "1");
	if (need_swap())
		ksft_print_msg("no swap in this kernel\n");
	make_living(&living);
}

/* What the main process itself counts. */
static struct {
	unsigned long compared, differ;	/* sums */
	int ended;			/* bystanders */
	bool killed;			/* a process with memory */
} seen;

/*
 * A behaviour that waits for an answer of its own FUSE daemon is not ended by
 * SIGKILL, only by the end of the daemon, so all of them are killed. Returns
 * whether none is left.
 */
static bool kill_behaviours(void)
{
	char *pids = read_file(USERS "/cgroup.procs"), *pid, *rest = pids;

	while ((pid = strsep(&rest, "\n")))
		if (*pid)
			kill(atoi(pid), SIGKILL);
	free(pids);
	return figure(USERS "/cgroup.events", "populated") == 0;
}

/* Whether everything was done as often as says something, on a busy machine too. */
static bool enough(void)
{
	return shared->reads > 20 && shared->extents > 5 && shared->kills &&
	       seen.compared &&
	       shared->umounts[BESIDE_READERS][WHERE_READERS_LOOK] > 2 &&
	       shared->locks[BESIDE_READERS] > 2 &&
	       shared->execs[BESIDE_READERS] > 2;
}

#define PATIENCE	60	/* seconds more, if it was not enough */

static void run(void)
{
	pid_t readers[MAX_READERS], bystanders[MAX_BYSTANDERS];
	size_t memory_size = settings.ram / 10;
	pid_t *users = calloc(settings.users, sizeof(*users)), memory;
	int nr_users, nr_readers, nr_bystanders, i;
	double end;
	char *log;

	memory = start_child(fill_memory, &memory_size);
	nr_bystanders = start_bystanders(bystanders);
	nr_users = start_users(users);

	/* The bystanders first count what happens without readers. */
	sleep_ms(settings.duration * 1000 / 6);
	shared->phase = BESIDE_READERS;
	nr_readers = start_readers(readers);
	end = now() + settings.duration / 6 * 5;
	while (now() < end || (!enough() && now() < end + PATIENCE)) {
		sleep_ms(2000);
		compare_when_frozen(&seen.compared, &seen.differ);
	}
	shared->over = true;
	stop_children(users, nr_users);
	if (!wait_until(kill_behaviours(), 10))
		ksft_print_msg("some behaviours did not end\n");
	stop_children(readers, nr_readers);

	/* It is the first one that the kernel kills when no memory is left. */
	log = kernel_log();
	seen.killed = waitpid(memory, NULL, WNOHANG) ||
		      strstr(log, "] Out of memory: ");
	free(log);
	for (i = 0; i < nr_bystanders; i++)
		seen.ended += waitpid(bystanders[i], NULL, WNOHANG) != 0;
	kill(memory, SIGKILL);
	stop_children(bystanders, nr_bystanders);
	free(users);
}

static void test_readers(void)
{
	unsigned long missing = 0;
	int i;

	for (i = 0; i < NR_LIVING; i++) {
		missing += shared->missing[i];
		if (shared->missing[i])
			ksft_print_msg("%s: missing in %lu reads\n",
				       living_names[i], shared->missing[i]);
		if (!living.id[i][0])
			ksft_print_msg("%s: there is none\n", living_names[i]);
	}
	ksft_test_result(shared->reads > 20 && all_living(&living) && !missing,
			 "objects that live are in every read\n");
	ksft_test_result(shared->extents > 5 && !shared->enoent,
			 "their extents are found\n");
	ksft_test_result(!shared->torn, "reads end with a whole line\n");
	if (shared->errors)
		ksft_print_msg("%lu unexpected errors, the last of %s: %s\n",
			       shared->errors, shared->last_file,
			       strerror(shared->last_error));
	ksft_test_result(!shared->errors && !shared->nomem_summary &&
			 shared->again <= shared->reads / 4,
			 "reads fail only as they may\n");
	ksft_test_result(seen.compared && !seen.differ,
			 "the sum is Shmem when all are frozen\n");
	ksft_test_result(shared->kills && !shared->slow_kills,
			 "killed readers end\n");

	ksft_print_msg("SEED=%u: %lu reads of up to %lu rows, %lu of extents\n",
		       settings.seed, shared->reads, shared->max_rows,
		       shared->extents);
	ksft_print_msg("%lu short, %lu EAGAIN, %lu ENOMEM, %lu ENOENT, %lu other errors\n",
		       missing, shared->again, shared->nomem, shared->enoent,
		       shared->errors);
	ksft_print_msg("sum compared %lu times, differed %lu times\n",
		       seen.compared, seen.differ);
	ksft_print_msg("%lu readers killed, slowest %.3f s\n", shared->kills,
		       shared->slowest_kill);
}

static void print_phase(int phase)
{
	const char *name = phase == ALONE ? "without readers" : "beside readers";

	ksft_print_msg("%s: EBUSY %lu of %lu unmounts\n", name,
		       shared->busy[phase][WHERE_READERS_LOOK],
		       shared->umounts[phase][WHERE_READERS_LOOK]);
	ksft_print_msg("%s: EWOULDBLOCK %lu of %lu locks\n", name,
		       shared->locked[phase], shared->locks[phase]);
	ksft_print_msg("%s: ETXTBSY %lu of %lu programs\n", name,
		       shared->unwritable[phase] + shared->unexecutable[phase],
		       shared->execs[phase]);
}

static void test_bystanders(void)
{
	const unsigned long *umounts = shared->umounts[BESIDE_READERS];
	const unsigned long *busy = shared->busy[BESIDE_READERS];
	int i;

	ksft_test_result(!seen.killed, "a process with memory lives on\n");
	if (seen.ended)
		ksft_print_msg("%d bystanders ended\n", seen.ended);
	ksft_test_result(!seen.ended && umounts[WHERE_READERS_LOOK] > 2 &&
			 share(busy[WHERE_READERS_LOOK],
			       umounts[WHERE_READERS_LOOK]) <=
			 share(busy[BESIDE_STATVFS],
			       umounts[BESIDE_STATVFS]) + 0.005,
			 "umount meets EBUSY as beside statvfs\n");
	ksft_test_result(!seen.ended && shared->locks[BESIDE_READERS] > 2 &&
			 !shared->locked[ALONE] &&
			 !shared->locked[BESIDE_READERS],
			 "locks of closed files are free\n");
	ksft_test_result(!seen.ended && shared->execs[BESIDE_READERS] > 2 &&
			 !shared->unwritable[BESIDE_READERS] &&
			 !shared->unexecutable[BESIDE_READERS],
			 "closed files can be executed, ended programs written\n");

	ksft_print_msg("EBUSY beside statvfs: %lu of %lu unmounts\n",
		       busy[BESIDE_STATVFS], umounts[BESIDE_STATVFS]);
	for (i = 0; i < NR_PHASES; i++)
		print_phase(i);
}

#define NR_RESULTS	10

int main(int argc, char **argv)
{
	/* The program is also what a behaviour and a bystander execute. */
	if (argc > 1 && !strcmp(argv[1], "--end"))
		return 0;
	if (argc > 1 && !strcmp(argv[1], "--sleep"))
		return sleep_on(NULL);

	ksft_print_header();
	set_up();
	ksft_set_plan(NR_RESULTS);
	run();
	print_records();
	test_readers();
	test_bystanders();
	remove_living(&living);
	ksft_finished();
}
