// SPDX-License-Identifier: GPL-2.0
/*
 * What all pictures have: axes, titles and names.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "draw.h"
#include "text.h"
#include "xalloc.h"

#define SECOND		INT64_C(1000000)
#define DAY		INT64_C(86400)

/* Seconds between two times on an axis. */
static const int64_t steps[] = {
	1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800,
	21600, 43200, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY,
	364 * DAY, 3640 * DAY, 36400 * DAY
};

/* Powers of two, so that the values are short; at most so many. */
struct scale scale_sizes(uint64_t max, size_t lines)
{
	struct scale scale = { .step = 1 };
	uint64_t count;

	while (max / scale.step >= lines && scale.step < 1ULL << 60)
		scale.step *= 2;
	count = max / scale.step + (max % scale.step > 0);
	scale.top = (count ?: 1) * scale.step;
	return scale;
}

/* Local time of day as seconds since midnight. */
static int64_t second_of_day(const struct tm *tm)
{
	return tm->tm_hour * 3600 + tm->tm_min * 60 + tm->tm_sec;
}

/**
 * times_begin - find times for an axis
 * @times: is filled
 * @plot: the picture
 * @labels: no more than these
 */
void times_begin(struct times *times, const struct plot *plot, size_t labels)
{
	int64_t seconds = (plot->end - plot->start) / SECOND;
	time_t start = plot->start / SECOND;
	size_t count = sizeof(steps) / sizeof(*steps), i = 0;
	struct tm tm;

	while (i < count - 1 && seconds / steps[i] >= (int64_t)labels)
		i++;
	*times = (struct times){ .step = steps[i], .next = start };
	if (!localtime_r(&start, &tm))
		return;
	/* From midnight on. */
	if (times->step < DAY)
		times->next -= second_of_day(&tm) % times->step;
	else
		times->next -= second_of_day(&tm);
	if (times->next * SECOND < plot->start)
		times_next(times, NULL, 0);
}

/* The same number of hours later, also where summer time begins or ends. */
static int64_t later(int64_t now, int64_t step)
{
	time_t time = now;
	struct tm tm;

	if (step <= 3600 || !localtime_r(&time, &tm))
		return now + step;
	tm.tm_mday += step / DAY;
	tm.tm_hour += step % DAY / 3600;
	tm.tm_isdst = -1;
	time = mktime(&tm);
	return time > now ? time : now + step;
}

/**
 * times_next - the next time on an axis
 * @times: from times_begin()
 * @label: is filled with what is written there, the date where that is another one
 * @size: how long that may be
 *
 * Return: the time, in seconds since 1970.
 */
int64_t times_next(struct times *times, char *label, size_t size)
{
	time_t now = times->next;
	char day[sizeof(times->day)];
	struct tm tm;

	times->next = later(now, times->step);
	if (!label)
		return now;
	*label = '\0';
	if (!localtime_r(&now, &tm))
		return now;
	strftime(day, sizeof(day), times->step < 300 * DAY ? "%m-%d" : "%Y",
		 &tm);
	if (strcmp(day, times->day) && (*times->day || times->step >= DAY ||
					!second_of_day(&tm)))
		snprintf(label, size, "%s", day);
	else
		strftime(label, size, times->step < 60 ? "%H:%M:%S" : "%H:%M",
			 &tm);
	strcpy(times->day, day);
	return now;
}

/* Whether a line is in the picture: not where all else would be flat then. */
bool draw_line(const struct plot *plot, const struct plot_group *group)
{
	return group->line && group->max / 2 <= plot->max;
}

/* The most that is drawn. */
uint64_t draw_top(const struct plot *plot)
{
	uint64_t top = plot->max;
	size_t i;

	for (i = 0; i < plot->count; i++)
		if (draw_line(plot, &plot->groups[i]) &&
		    plot->groups[i].max > top)
			top = plot->groups[i].max;
	return top;
}

/* What is shown, and of which machine if @whole; to be freed. */
char *draw_title(const struct plot *plot, bool whole)
{
	static const char *const by[] = {
		[PLOT_KIND]		= "kind",
		[PLOT_COMM]		= "program",
		[PLOT_UNIT]		= "unit",
		[PLOT_CONTAINER]	= "container",
		[PLOT_CGROUP]		= "cgroup",
		[PLOT_OBJECT]		= "object",
	};
	char *host = name_text((whole ? plot->host : NULL) ?: ""), *name, *title;

	text_cut(host, 64);
	if (plot->key == PLOT_ONE) {
		name = name_text(plot->what);
		text_cut(name, 64);
		title = xasprintf("Memory of %s, %s", name, plot->id);
		free(name);
	} else {
		title = xasprintf("Shared memory by %s", by[plot->key]);
	}
	name = xasprintf("%s%s%s", title, *host ? " on " : "", host);
	free(title);
	free(host);
	return name;
}

static char *moment_of(int64_t time, const char *format)
{
	time_t now = time / SECOND;
	char text[64] = "?";
	struct tm tm;

	if (localtime_r(&now, &tm))
		strftime(text, sizeof(text), format, &tm);
	return xstrdup(text);
}

/* To be freed. */
char *draw_moment(int64_t time)
{
	return moment_of(time, "%F %T");
}

/* From when to when, and how many samples there are if @whole; to be freed. */
char *draw_range(const struct plot *plot, bool whole)
{
	char *start = moment_of(plot->start, "%F %T");
	char *end = moment_of(plot->end, "%F %T %Z"), *text;
	/* The date once. */
	bool same = !strncmp(start, end, strlen("0000-00-00"));

	text = xasprintf("%s to %s", start,
			 same ? end + strlen("0000-00-00 ") : end);
	free(start);
	free(end);
	if (!whole)
		return text;
	start = xasprintf("%s, %zu sample%s", text, plot->samples,
			  plot->samples == 1 ? "" : "s");
	free(text);
	return start;
}

/* A name that is too long ends in dots. */
static char *cut(char *text, size_t width)
{
	const char *dots = is_utf8() ? "…" : "...";
	char *whole;

	if (text_width(text) <= width)
		return text;
	text_cut(text, width > text_width(dots) ? width - text_width(dots) : 0);
	whole = xasprintf("%s%s", text, dots);
	free(text);
	text_cut(whole, width);
	return whole;
}

/**
 * draw_name - what a group is called
 * @plot: the picture
 * @group: the group
 * @width: how many columns of a terminal that may take
 *
 * Return: the text, which moves no cursor; to be freed.
 */
char *draw_name(const struct plot *plot, const struct plot_group *group,
		size_t width)
{
	size_t used = group->id ? strlen(group->id) + 1 : 0;
	char *name = name_text(group->name), *text;

	if (group->line && !draw_line(plot, group)) {
		text = xasprintf("%s (not drawn)", name);
		free(name);
		name = text;
	}
	name = cut(name, width > used + 8 ? width - used : width);
	if (!group->id)
		return name;
	text = xasprintf("%s %s", name, group->id);
	free(name);
	return cut(text, width);
}

static char *times_text(size_t count)
{
	return count == 1 ? xstrdup("once") : xasprintf("%zu times", count);
}

/* What the marks mean, to be freed; NULL if there are none. */
char *draw_pressure(const struct plot *plot)
{
	char *count, *text;

	if (!plot->pressure)
		return NULL;
	count = times_text(plot->pressure);
	text = xasprintf("memory was short (%s)", count);
	free(count);
	return text;
}

char *draw_oom(const struct plot *plot)
{
	char *count, *first, *text;

	if (!plot->oom)
		return NULL;
	count = times_text(plot->oom);
	first = draw_moment(plot->first_oom);
	text = xasprintf("the kernel had killed for memory (%s, %s)", count,
			 first);
	free(count);
	free(first);
	return text;
}
