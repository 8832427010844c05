// SPDX-License-Identifier: GPL-2.0
/*
 * Points in time, as people give and read them: see "Parsing timestamps" in
 * systemd.time(7), which journalctl --since takes.
 */
#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "text.h"
#include "when.h"
#include "xalloc.h"

#define SECOND		INT64_C(1000000)
#define MINUTE		(60 * SECOND)
#define HOUR		(60 * MINUTE)
#define DAY		(24 * HOUR)
/* As systemd has them: of 365.25 days a year. */
#define YEAR		(365 * DAY + DAY / 4)
#define MONTH		(YEAR / 12)

/* Whatever is longer than there is a calendar for is a mistake. */
#define LONGEST		(8000 * YEAR)

static const struct unit {
	const char *name;
	int64_t length;
} units[] = {
	{ "seconds", SECOND }, { "second", SECOND }, { "sec", SECOND },
	{ "s", SECOND }, { "", SECOND },
	{ "minutes", MINUTE }, { "minute", MINUTE }, { "min", MINUTE },
	{ "m", MINUTE },
	{ "hours", HOUR }, { "hour", HOUR }, { "hr", HOUR }, { "h", HOUR },
	{ "days", DAY }, { "day", DAY }, { "d", DAY },
	{ "weeks", 7 * DAY }, { "week", 7 * DAY }, { "w", 7 * DAY },
	{ "months", MONTH }, { "month", MONTH }, { "M", MONTH },
	{ "years", YEAR }, { "year", YEAR }, { "y", YEAR },
	{ "msec", SECOND / 1000 }, { "ms", SECOND / 1000 },
	{ "usec", 1 }, { "us", 1 }, { "µs", 1 },
	{}
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return time.tv_sec * SECOND + time.tv_nsec / 1000;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* Digits, at most so many; returns whether there are any. */
static bool take_digits(const char **text, size_t max, int64_t *number)
{
	size_t count = strspn(*text, "0123456789"), i;

	if (!count || count > max)
		return false;
	for (*number = 0, i = 0; i < count; i++)
		*number = *number * 10 + (*text)[i] - '0';
	*text += count;
	return true;
}

/* What comes behind a point, of units of that length; nothing if there is none. */
static bool take_fraction(const char **text, int64_t length, int64_t *part)
{
	const char *at = *text;

	*part = 0;
	if (*at != '.')
		return true;
	if (!isdigit(*++at))
		return false;
	for (; isdigit(*at); at++) {
		*part += length / 10 * (*at - '0');
		length /= 10;
	}
	*text = at;
	return true;
}

static const struct unit *find_unit(const char *name, size_t length)
{
	const struct unit *unit;

	for (unit = units; unit->name; unit++)
		if (strlen(unit->name) == length &&
		    !strncmp(unit->name, name, length))
			return unit;
	return NULL;
}

/* Such as "1h 30min"; what follows it has to be nothing, or " ago". */
static bool parse_span(const char *text, int64_t *span, bool *ago)
{
	bool any = false;

	*span = 0;
	*ago = false;
	for (text = skip_blanks(text); *text; text = skip_blanks(text)) {
		const struct unit *unit;
		int64_t number, part;
		const char *fraction;
		size_t length;

		if (any && !strcmp(text, "ago")) {
			*ago = true;
			return true;
		}
		if (!take_digits(&text, 15, &number))
			return false;
		fraction = text;
		text += *text == '.';
		text += strspn(text, "0123456789");
		text = skip_blanks(text);
		length = strcspn(text, "0123456789 \t");
		if (!strcmp(text, "ago"))
			length = 0;
		unit = find_unit(text, length);
		if (!unit || !take_fraction(&fraction, unit->length, &part) ||
		    number > LONGEST / unit->length)
			return false;
		text += length;
		*span += number * unit->length + part;
		if (*span > LONGEST)
			return false;
		any = true;
	}
	return any;
}

/* Whether text begins with a word, behind which it goes on at *@text. */
static bool take_word(const char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncasecmp(*text, word, length) ||
	    ((*text)[length] && !isblank((*text)[length])))
		return false;
	*text = skip_blanks(*text + length);
	return true;
}

/* The name of a day that comes before a date, 0 for Sunday; -1 for none. */
static int take_weekday(const char **text)
{
	static const char *const days[] = {
		"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
		"Friday", "Saturday", "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat"
	};
	size_t i;

	for (i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		if (take_word(text, days[i]))
			return i % 7;
	return -1;
}

static bool take_char(const char **text, char c)
{
	if (**text != c)
		return false;
	++*text;
	return true;
}

/* YYYY-MM-DD, or without its century as systemd has it. */
static bool take_date(const char **text, struct tm *date)
{
	const char *at = *text;
	int64_t year, month, day;
	size_t digits = strspn(at, "0123456789");

	if ((digits != 4 && digits != 2) || !take_digits(&at, 4, &year) ||
	    !take_char(&at, '-') || !take_digits(&at, 2, &month) ||
	    !take_char(&at, '-') || !take_digits(&at, 2, &day) ||
	    month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	if (digits == 2)
		year += year < 69 ? 2000 : 1900;
	date->tm_year = year - 1900;
	date->tm_mon = month - 1;
	date->tm_mday = day;
	*text = at;
	return true;
}

/* HH:MM, or HH:MM:SS with as much behind a point as there is. */
static bool take_hours(const char **text, struct tm *date, int64_t *part)
{
	const char *at = *text;
	int64_t hour, minute, second = 0;

	if (!take_digits(&at, 2, &hour) || !take_char(&at, ':') ||
	    !take_digits(&at, 2, &minute) ||
	    (take_char(&at, ':') && (!take_digits(&at, 2, &second) ||
				     !take_fraction(&at, SECOND, part))) ||
	    hour > 23 || minute > 59 || second > 60)
		return false;
	date->tm_hour = hour;
	date->tm_min = minute;
	date->tm_sec = second;
	*text = at;
	return true;
}

/* Of a point in time: our own with either of its two names, or UTC. */
enum zone { LOCAL, WINTER, SUMMER, UTC };

/* What is left of a text, which is nothing or the name of a zone. */
static bool take_zone(const char *text, enum zone *zone)
{
	const char *name = skip_blanks(text);

	*zone = LOCAL;
	if (!*name)
		return true;
	tzset();
	if (!strcmp(text, "Z") || !strcasecmp(name, "UTC"))
		*zone = UTC;
	else if (!strcmp(name, tzname[0]))
		*zone = WINTER;
	else if (!strcmp(name, tzname[1]))
		*zone = SUMMER;
	else
		return false;
	return name != text || !strcmp(text, "Z");
}

/* The day that it is there. */
static void set_today(struct tm *date, enum zone zone)
{
	time_t seconds = now() / SECOND;
	struct tm today;

	if (zone == UTC)
		gmtime_r(&seconds, &today);
	else
		localtime_r(&seconds, &today);
	date->tm_year = today.tm_year;
	date->tm_mon = today.tm_mon;
	date->tm_mday = today.tm_mday;
}

/* A day and a time of day, or one of these. */
static bool parse_date(const char *text, int64_t *time)
{
	int weekday = take_weekday(&text);
	struct tm date = {}, given;
	bool dated, timed;
	const char *hours;
	int64_t part = 0;
	time_t seconds;
	enum zone zone;

	dated = take_date(&text, &date);
	hours = dated && *text == 'T' ? text + 1 : skip_blanks(text);
	timed = (!dated || hours != text) && take_hours(&hours, &date, &part);
	if (timed)
		text = hours;
	if ((!dated && !timed) || !take_zone(text, &zone))
		return false;
	if (!dated)
		set_today(&date, zone);
	date.tm_isdst = zone == WINTER ? 0 : zone == SUMMER ? 1 : -1;
	given = date;
	seconds = zone == UTC ? timegm(&date) : mktime(&date);
	/* There is no 30th of February. */
	if (given.tm_sec < 60 && given.tm_hour < 23 &&
	    (date.tm_mday != given.tm_mday || date.tm_mon != given.tm_mon))
		return false;
	if (weekday >= 0 && date.tm_wday != weekday)
		return false;
	*time = seconds * SECOND + part;
	return true;
}

/* Midnight of today, or of so many days before or behind. */
static int64_t day(int days)
{
	time_t seconds = now() / SECOND;
	struct tm date;

	localtime_r(&seconds, &date);
	date.tm_mday += days;
	date.tm_hour = 0;
	date.tm_min = 0;
	date.tm_sec = 0;
	date.tm_isdst = -1;
	return mktime(&date) * SECOND;
}

static bool parse(const char *text, int64_t *time)
{
	int64_t span, part;
	bool ago;

	if (!strcmp(text, "now"))
		*time = now();
	else if (!strcmp(text, "today"))
		*time = day(0);
	else if (!strcmp(text, "yesterday"))
		*time = day(-1);
	else if (!strcmp(text, "tomorrow"))
		*time = day(1);
	else if (*text == '@')
		return text++, take_digits(&text, 12, &span) &&
		       take_fraction(&text, SECOND, &part) && !*text &&
		       (*time = span * SECOND + part, true);
	else if (*text == '-' || *text == '+')
		return parse_span(text + 1, &span, &ago) && !ago &&
		       (*time = now() + (*text == '-' ? -span : span), true);
	else if (parse_span(text, &span, &ago) && ago)
		*time = now() - span;
	else
		return parse_date(text, time);
	return true;
}

/**
 * when_parse - read a point in time from an option's argument
 * @option: the option, for the message
 * @text: as journalctl --since takes it
 *
 * Return: microseconds since 1970; ends the program, with an explanation, if @text
 *	is no such time.
 */
int64_t when_parse(const char *option, const char *text)
{
	const char *start = skip_blanks(text);
	size_t length = strlen(start);
	int64_t time = 0;
	char *copy;
	bool good;

	while (length && isblank(start[length - 1]))
		length--;
	copy = xstrndup(start, length);
	good = parse(copy, &time);
	free(copy);
	if (!good)
		errx(2,
		     "%s wants a time such as \"2026-11-25 03:00\", 03:00, yesterday, -1h, \"2 hours ago\" or @SECONDS, not '%s'",
		     option, text);
	return time;
}

/* As when_parse() takes it; to be freed. */
char *when_text(int64_t time)
{
	time_t seconds = time / SECOND;
	char text[80] = "";
	struct tm date;

	if (localtime_r(&seconds, &date))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %Z", &date);
	return xstrdup(text);
}

/* How long ago it was, or that it is to come, as clocks are set; to be freed. */
char *when_age(int64_t time)
{
	int64_t passed = (now() - time) / SECOND;
	char *age, *text;

	if (passed < 0)
		return xstrdup("in the future");
	age = age_text(passed);
	text = xasprintf("%s ago", age);
	free(age);
	return text;
}
