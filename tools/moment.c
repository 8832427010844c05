// SPDX-License-Identifier: GPL-2.0
/*
 * The moment that is looked at: now, or one of the past, on whatever machine. What
 * depends on it, such as how old something is, asks here.
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "moment.h"

static struct moment moment;
static bool is_past;

/* From now on, the past is looked at. */
void moment_set(const struct moment *past)
{
	moment = *past;
	is_past = true;
}

/* Nothing can be asked then but what was recorded. */
bool moment_is_past(void)
{
	return is_past;
}

/* In seconds since 1970. */
int64_t moment_time(void)
{
	return is_past ? moment.time / 1000000 : time(NULL);
}

/* To be compared with others by moment_passed(). */
struct moment moment_get(void)
{
	if (is_past)
		return moment;
	return (struct moment){ .uptime = clock_now() * 1e6 };
}

/* Seconds between two moments; 0 if the machine was started anew in between. */
double moment_passed(const struct moment *from, const struct moment *to)
{
	return strcmp(from->boot, to->boot) ? 0 :
	       (to->uptime - from->uptime) / 1e6;
}

/* In clock ticks since the machine booted. */
uint64_t moment_ticks(void)
{
	struct timespec now;

	if (is_past)
		return moment.uptime / 1e6 * moment.hertz;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (now.tv_sec + now.tv_nsec / 1e9) * sysconf(_SC_CLK_TCK);
}

/* In bytes. */
uint64_t moment_pagesize(void)
{
	static uint64_t page;

	if (is_past)
		return moment.pagesize;
	if (!page)
		page = sysconf(_SC_PAGESIZE);
	return page;
}
