// SPDX-License-Identifier: GPL-2.0
/*
 * Time that passes, in seconds.
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"

/* A leap year. */
#define LONGEST		31622400

/* Seconds since the machine booted, without those it was suspended. */
double clock_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* For so long, or until a signal comes. */
void clock_sleep(double seconds)
{
	struct timespec time = {
		.tv_sec = seconds,
		.tv_nsec = (seconds - (time_t)seconds) * 1e9,
	};

	if (seconds > 0)
		nanosleep(&time, NULL);
}

/**
 * clock_parse - read a duration from an option's argument
 * @option: the option, for the message
 * @text: seconds, or a number with s, m, h or d behind it
 * @least: the shortest that is allowed
 *
 * Return: seconds; ends the program, with an explanation, if @text is no such
 *	duration.
 */
double clock_parse(const char *option, const char *text, double least)
{
	static const char units[] = "smhd";
	static const int seconds[] = { 1, 60, 3600, 86400 };
	const char *unit;
	double time;
	char *end;

	time = strtod(text, &end);
	unit = strchr(units, *end);
	if (*end && unit)
		time *= seconds[unit - units];
	if (end == text || (*end && (!unit || end[1])) || !isfinite(time) ||
	    time < least || time > LONGEST)
		errx(2, "%s wants a time from %g s to %d s, such as 2, 0.5s, 10m or 1h, not '%s'",
		     option, least, LONGEST, text);
	return time;
}
