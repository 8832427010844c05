// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat plot: memory over time, from a recording, as a picture.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "commands/commands.h"
#include "draw.h"
#include "output.h"
#include "plot.h"
#include "store.h"
#include "store_db.h"
#include "when.h"
#include "xalloc.h"

/* Groups that have a name, where nothing else is asked for: as many as kinds. */
#define DEFAULT_TOP	7

static void usage(void)
{
	puts("Usage: shmstat plot --from FILE [options]\n"
	     "Draws memory and swap over time, from a file of shmstat record: in the\n"
	     "terminal, or as a picture that opens anywhere.\n\n"
	     "     --from FILE    the file\n"
	     "     --at TIME      from this time on: yesterday, \"2026-11-25 03:00\", -1h\n"
	     "     --until TIME   up to this time\n"
	     "     --by GROUP     sums by: " PLOT_WORDS "\n"
	     "     --id ID        only this object: in memory, in swap and its size\n"
	     "     --top N        the N largest by name (7), all others together\n"
	     "     --svg FILE     write a picture of SVG; - for standard output\n"
	     "     --html FILE    write it as a page that shows values under the pointer\n"
	     "     --color WHEN   colours in the terminal: auto, always or never\n"
	     " -b, --bytes        sizes in bytes\n"
	     " -h, --help         this text");
}

enum { UNTIL = 256, BY, ID, TOP, SVG, HTML };

static const struct option options[] = {
	COMMAND_OPTIONS,
	{ "until",	required_argument,	NULL, UNTIL },
	{ "by",		required_argument,	NULL, BY },
	{ "id",		required_argument,	NULL, ID },
	{ "top",	required_argument,	NULL, TOP },
	{ "svg",	required_argument,	NULL, SVG },
	{ "html",	required_argument,	NULL, HTML },
	{ "color",	required_argument,	NULL, OUTPUT_COLOR },
	{ "bytes",	no_argument,		NULL, 'b' },
	{ "help",	no_argument,		NULL, 'h' },
	{}
};

static size_t parse_top(const char *text)
{
	size_t top = 0;

	if (*text && strlen(text) < 4 && !text[strspn(text, "0123456789")])
		top = atoi(text);
	if (top < 1 || top > PLOT_MAX_TOP)
		errx(2,
		     "--top wants a number from 1 to %d, not '%s': more colours could not be told apart",
		     PLOT_MAX_TOP, text);
	return top;
}

/* Nothing would be left to draw another picture of. */
static void spare_samples(const char *path)
{
	struct stat picture, samples;

	if (strcmp(path, "-") && !stat(path, &picture) &&
	    !stat(command_from, &samples) &&
	    picture.st_dev == samples.st_dev && picture.st_ino == samples.st_ino)
		errx(2, "%s is the file of --from: a picture would replace its samples",
		     path);
}

/* The file is written when all is known, as it may be the last picture of it. */
static void write_file(const char *path, const char *text, size_t length)
{
	bool standard = !strcmp(path, "-");
	FILE *out = standard ? stdout : fopen(path, "we");

	if (!out || fwrite(text, 1, length, out) != length || fflush(out) ||
	    (!standard && fclose(out)))
		err(1, "%s", path);
}

static void draw_file(const char *path, const struct output *output,
		      const struct plot *plot,
		      void (*draw)(FILE *out, const struct output *output,
				   const struct plot *plot))
{
	size_t length;
	char *text;
	FILE *out;

	out = xmemstream(&text, &length);
	draw(out, output, plot);
	xfclose(out);
	write_file(path, text, length);
	free(text);
}

static int run(int argc, char **argv)
{
	struct plot_plan plan = {
		.from = INT64_MIN, .until = INT64_MAX, .top = DEFAULT_TOP
	};
	const char *svg = NULL, *html = NULL;
	struct output output = {};
	struct store *store;
	bool by = false, top = false;
	struct plot plot;
	int c;

	output_option(&output, OUTPUT_COLOR, "auto");
	while ((c = command_option(&command_plot, argc, argv)) >= 0) {
		if (c == UNTIL)
			plan.until = when_parse("--until", optarg);
		else if (c == BY)
			plan.key = plot_parse(optarg);
		else if (c == ID)
			plan.id = optarg;
		else if (c == TOP)
			plan.top = parse_top(optarg);
		else if (c == SVG)
			svg = optarg;
		else if (c == HTML)
			html = optarg;
		else
			output_option(&output, c, optarg);
		by |= c == BY;
		top |= c == TOP;
	}
	if (!command_from)
		errx(2, "plot wants a file of shmstat record: name it by --from");
	if (svg && html)
		errx(2, "--svg and --html do not go together");
	if (by && plan.id)
		errx(2, "--by and --id do not go together: one object is one group");
	if (top && plan.id)
		errx(2, "--top and --id do not go together: one object is one group");
	if (plan.id)
		plan.key = PLOT_ONE;
	if (command_at != INT64_MAX)
		plan.from = command_at;
	if (plan.from > plan.until)
		errx(2, "--at is later than --until");
	if (svg || html)
		spare_samples(svg ?: html);
	plan.columns = svg || html ? SVG_COLUMNS : draw_text_columns();
	store = store_open(command_from);
	sqlite3_exec(store->db, "BEGIN", NULL, NULL, NULL);
	plot_read(&plot, store->db, command_from, &plan);
	store_close(store);
	if (svg)
		draw_file(svg, &output, &plot, draw_svg);
	else if (html)
		draw_file(html, &output, &plot, draw_html);
	else
		draw_text(&output, &plot);
	plot_free(&plot);
	return 0;
}

const struct command command_plot = {
	"plot", "memory over time, as a picture", usage, run, "bh", options,
	.past = PAST_OWN
};
