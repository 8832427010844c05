// SPDX-License-Identifier: GPL-2.0
/*
 * A picture of memory over time in text: a column of characters for each part of
 * the time, the groups on top of each other.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "draw.h"
#include "text.h"
#include "xalloc.h"

/* Before the columns: a size and the axis. */
#define MARGIN		8
/* What a character is divided into, from below. */
#define PARTS		8
#define MIN_ROWS	6
#define MAX_ROWS	40
#define NOTHING		SIZE_MAX

/* Where there are no colours, a character for each group. */
static const char *const patterns[] = {
	"█", "▓", "▒", "░", "#", "+", "o", "=", "%", "*", "x", "~", "@"
};

static const char ascii_patterns[] = "#+o=%*x~@&sz$";

#define REST_PATTERN	"."
static const char *const eighths[] = {
	" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"
};

/* Colours of text, for which terminals have what can be told apart. */
static const int colors[] = { 34, 33, 32, 35, 36, 94, 93, 92, 95, 96, 37, 31,
			      97 };

#define REST_COLOR	90
#define PRESSURE_COLOR	33
#define OOM_COLOR	31

/**
 * struct canvas - the picture
 * @output: whether there are colours
 * @plot: what is drawn
 * @width: columns of it
 * @rows: rows of it
 * @scale: of sizes
 * @values: what each group has in each column
 * @known: which columns there are samples for
 * @marks: of each column, bits of PRESSURE and OOM
 * @utf8: whether there are more characters than those of ASCII
 */
struct canvas {
	const struct output *output;
	const struct plot *plot;
	size_t width;
	size_t rows;
	struct scale scale;
	uint64_t *values;
	bool *known;
	unsigned char *marks;
	bool utf8;
};

#define PRESSURE	1
#define OOM		2

static size_t from_environment(const char *name)
{
	const char *text = getenv(name);
	int number = text ? atoi(text) : 0;

	return number > 0 && number <= 1000 ? number : 0;
}

static struct winsize terminal_size(void)
{
	struct winsize size;
	size_t given;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		size = (struct winsize){};
	given = from_environment("COLUMNS");
	if (given || !size.ws_col)
		size.ws_col = given ?: 80;
	given = from_environment("LINES");
	if (given || !size.ws_row)
		size.ws_row = given ?: 24;
	return size;
}

/* How many columns a picture has on this terminal. */
size_t draw_text_columns(void)
{
	size_t width = terminal_size().ws_col;

	return width > MARGIN + 20 ? width - MARGIN - 1 : 20;
}

static uint64_t *cell(const struct canvas *canvas, size_t column)
{
	return &canvas->values[column * canvas->plot->count];
}

static size_t column_of(const struct canvas *canvas, int64_t time)
{
	const struct plot *plot = canvas->plot;
	size_t column = (double)(time - plot->start) /
			(plot->end - plot->start) * canvas->width;

	return column < canvas->width ? column : canvas->width - 1;
}

/* Between two samples without a gap, straight lines. */
static void fill(const struct canvas *canvas, const struct plot_point *from,
		 const struct plot_point *to)
{
	size_t first = column_of(canvas, from->time);
	size_t last = column_of(canvas, to->time), column, i;

	for (column = first + 1; column < last; column++) {
		double part = (double)(column - first) / (last - first);

		canvas->known[column] = true;
		for (i = 0; i < canvas->plot->count; i++)
			cell(canvas, column)[i] = from->values[i] +
				((double)to->values[i] - from->values[i]) *
				part;
	}
}

static void fill_all(struct canvas *canvas)
{
	const struct plot *plot = canvas->plot;
	size_t i;

	for (i = 0; i < plot->points_count; i++) {
		const struct plot_point *point = &plot->points[i];
		size_t column = column_of(canvas, point->time);

		canvas->known[column] = true;
		memcpy(cell(canvas, column), point->values,
		       plot->count * sizeof(*point->values));
		if (i && point[-1].segment == point->segment)
			fill(canvas, point - 1, point);
	}
	for (i = 0; i < plot->marks_count; i++)
		canvas->marks[column_of(canvas, plot->marks[i].time)] |=
			plot->marks[i].oom ? OOM : PRESSURE;
}

static int color_of(const struct plot *plot, size_t group)
{
	return plot->groups[group].rest ? REST_COLOR : colors[group];
}

static void put_pattern(const struct canvas *canvas, size_t group)
{
	if (canvas->plot->groups[group].line)
		fputs(canvas->utf8 ? "─" : "-", stdout);
	else if (canvas->utf8 && canvas->output->color)
		fputs("█", stdout);
	else if (canvas->plot->groups[group].rest)
		fputs(REST_PATTERN, stdout);
	else if (canvas->utf8)
		fputs(patterns[group], stdout);
	else
		putchar(ascii_patterns[group]);
}

static void put_colored(const struct canvas *canvas, int color,
			const char *text)
{
	if (canvas->output->color)
		printf("\033[%dm%s\033[0m", color, text);
	else
		fputs(text, stdout);
}

static void put_group(const struct canvas *canvas, size_t group)
{
	if (canvas->output->color)
		printf("\033[%dm", color_of(canvas->plot, group));
	put_pattern(canvas, group);
	if (canvas->output->color)
		fputs("\033[0m", stdout);
}

/* How many parts up from the axis something reaches; no memory is no part. */
static size_t height(const struct canvas *canvas, uint64_t bytes)
{
	double parts = (double)bytes / canvas->scale.top * canvas->rows * PARTS;

	return bytes && parts < 1 ? 1 : parts + 0.5;
}

/* Which group each part of a character is of, from below. */
static void divide(const struct canvas *canvas, size_t column, size_t row,
		   size_t *parts)
{
	size_t from = row * PARTS, at = 0, i, part;
	uint64_t sum = 0;

	for (part = 0; part < PARTS; part++)
		parts[part] = NOTHING;
	if (!canvas->known[column])
		return;
	for (i = 0; i < canvas->plot->count; i++) {
		size_t end;

		if (canvas->plot->groups[i].line)
			continue;
		sum += cell(canvas, column)[i];
		end = height(canvas, sum);
		for (; at < end; at++)
			if (at >= from && at < from + PARTS)
				parts[at - from] = i;
	}
}

static size_t most(const size_t *parts)
{
	size_t best = NOTHING, best_count = 0, i, k;

	for (i = 0; i < PARTS; i++) {
		size_t count = 0;

		for (k = 0; k < PARTS; k++)
			count += parts[k] == parts[i];
		if (count > best_count) {
			best_count = count;
			best = parts[i];
		}
	}
	return best;
}

/* The lower part in one colour, the rest in another one. */
static void put_eighths(const struct canvas *canvas, const size_t *parts)
{
	size_t count = 1;

	while (count < PARTS && parts[count] == parts[0])
		count++;
	printf("\033[%d", color_of(canvas->plot, parts[0]));
	if (count < PARTS && parts[PARTS - 1] != NOTHING)
		printf(";%d", color_of(canvas->plot, parts[PARTS - 1]) + 10);
	/* Another one between them, of less than an eighth of a line, is left out. */
	printf("m%s\033[0m", eighths[count]);
}

/* The row that the size of an object is in. */
static bool has_line(const struct canvas *canvas, size_t column, size_t row)
{
	const struct plot *plot = canvas->plot;
	size_t i;

	for (i = 0; i < plot->count; i++)
		if (canvas->known[column] &&
		    draw_line(plot, &plot->groups[i]) &&
		    cell(canvas, column)[i] &&
		    (height(canvas, cell(canvas, column)[i]) - 1) / PARTS ==
		    row)
			return true;
	return false;
}

static void put_cell(const struct canvas *canvas, size_t column, size_t row)
{
	size_t parts[PARTS], group, count = 0;

	divide(canvas, column, row, parts);
	group = most(parts);
	while (count < PARTS && parts[count] == 0)
		count++;
	if (parts[0] == NOTHING && has_line(canvas, column, row))
		put_group(canvas, canvas->plot->count - 1);
	else if (parts[0] == NOTHING && canvas->marks[column] & OOM)
		put_colored(canvas, OOM_COLOR, canvas->utf8 ? "╎" : "|");
	else if (parts[0] == NOTHING && canvas->marks[column])
		put_colored(canvas, PRESSURE_COLOR, canvas->utf8 ? "╎" : ":");
	else if (parts[0] == NOTHING)
		putchar(' ');
	else if (canvas->utf8 && canvas->output->color)
		put_eighths(canvas, parts);
	/* The same where there is only one. */
	else if (canvas->utf8 && canvas->plot->count == 1)
		fputs(eighths[count], stdout);
	else if (group != NOTHING || !row)
		put_group(canvas, group == NOTHING ? parts[0] : group);
	else
		putchar(' ');
}

/* The size that is written in a row, on its lower edge; NULL if none is. */
static char *size_of_row(const struct canvas *canvas, size_t row)
{
	uint64_t count = canvas->scale.top / canvas->scale.step, i;

	for (i = 1; i <= count; i++)
		if (i * canvas->rows / count == row + 1)
			return size_text(i * canvas->scale.step);
	return NULL;
}

/* As much as fits: the machine and the number of samples are left out first. */
static void put_title(const struct canvas *canvas)
{
	size_t width = canvas->width + MARGIN, less;
	char *text = NULL;

	for (less = 0; !text || (less < 3 && text_width(text) > width);
	     less++) {
		char *title = draw_title(canvas->plot, less < 1);
		char *range = draw_range(canvas->plot, less < 2);

		free(text);
		text = xasprintf("%s, %s", title, range);
		free(title);
		free(range);
	}
	text_cut(text, width);
	printf("%s%s%s\n", canvas->output->color ? PAINT_BOLD : "", text,
	       canvas->output->color ? "\033[0m" : "");
	free(text);
}

static void put_rows(const struct canvas *canvas)
{
	size_t row, column;

	for (row = canvas->rows; row--;) {
		char *size = size_of_row(canvas, row);

		printf("%*s %s", MARGIN - 2, size ?: "", canvas->utf8 ?
		       size ? "┤" : "│" : size ? "+" : "|");
		for (column = 0; column < canvas->width; column++)
			put_cell(canvas, column, row);
		putchar('\n');
		free(size);
	}
}

/* The axis of time, with marks; dotted where there are no samples. */
static void put_axis(const struct canvas *canvas)
{
	bool utf8 = canvas->utf8;
	size_t column;

	printf("%*s %s", MARGIN - 2, "0", utf8 ? "┼" : "+");
	for (column = 0; column < canvas->width; column++)
		if (canvas->marks[column] & OOM)
			put_colored(canvas, OOM_COLOR, "X");
		else if (canvas->marks[column])
			put_colored(canvas, PRESSURE_COLOR, utf8 ? "▲" : "^");
		else if (canvas->known[column])
			fputs(utf8 ? "─" : "-", stdout);
		else
			fputs(utf8 ? "·" : ".", stdout);
	putchar('\n');
}

static void put_times(const struct canvas *canvas)
{
	const struct plot *plot = canvas->plot;
	size_t used = 0, width = canvas->width;
	struct times times;
	char label[16];
	int64_t now;

	printf("%*s", MARGIN, "");
	times_begin(&times, plot, width / 12 ?: 1);
	while ((now = times_next(&times, label, sizeof(label))) <=
	       plot->end / 1000000) {
		size_t column = now * 1000000 < plot->start ? 0 :
				column_of(canvas, now * 1000000);
		size_t length = strlen(label);

		/* Its first character is below the time. */
		if ((used && column <= used) || column + length > width)
			continue;
		printf("%*s%s", (int)(column - used), "", label);
		used = column + length;
	}
	putchar('\n');
}

static void put_legend(const struct canvas *canvas)
{
	const struct output *output = canvas->output;
	const struct plot *plot = canvas->plot;
	char *last, *most, *name;
	size_t room = canvas->width + MARGIN - 21, i;

	printf("%s%8s %8s   %s%s\n", output->color ? PAINT_BOLD : "", "AT END",
	       "MOST", plot->key == PLOT_ONE ? "MEMORY" :
	       plot->key == PLOT_COMM ? "PROGRAM" :
	       plot->key == PLOT_KIND ? "KIND" :
	       plot->key == PLOT_UNIT ? "UNIT" :
	       plot->key == PLOT_OBJECT ? "OBJECT" :
	       plot->key == PLOT_CGROUP ? "CGROUP" : "CONTAINER",
	       output->color ? "\033[0m" : "");
	for (i = 0; i < plot->count; i++) {
		const struct plot_group *group = &plot->groups[i];

		last = output_amount(output, group->last);
		most = output_amount(output, group->max);
		name = draw_name(plot, group, room);
		printf("%8s %8s ", last, most);
		put_group(canvas, i);
		printf(" %s\n", name);
		free(last);
		free(most);
		free(name);
	}
	if (plot->count == 1)
		return;
	last = output_amount(output, plot->last);
	most = output_amount(output, plot->max);
	printf("%8s %8s   together\n", last, most);
	free(last);
	free(most);
}

/* What a sign on the axis means, freed, if it is there. */
static void put_mark(const struct canvas *canvas, int color, const char *sign,
		     char *text)
{
	if (!text)
		return;
	printf("%*s", MARGIN, "");
	put_colored(canvas, color, sign);
	text_cut(text, canvas->width - 1);
	printf(" %s\n", text);
	free(text);
}

static void put_marks(const struct canvas *canvas)
{
	put_mark(canvas, PRESSURE_COLOR, canvas->utf8 ? "▲" : "^",
		 draw_pressure(canvas->plot));
	put_mark(canvas, OOM_COLOR, "X", draw_oom(canvas->plot));
}

/* As large as the terminal lets it be, with the prompt behind it. */
static size_t find_rows(const struct plot *plot)
{
	size_t lines = terminal_size().ws_row;
	/* A title, the axis, times, a heading, a sum and the prompt. */
	size_t used = 1 + 1 + 1 + 1 + plot->count + (plot->count > 1) + 1 +
		      !!plot->pressure + !!plot->oom;

	if (lines < used + MIN_ROWS)
		return MIN_ROWS;
	return lines - used < MAX_ROWS ? lines - used : MAX_ROWS;
}

/**
 * draw_text - draw a picture in text
 * @output: whether there are colours, and how sizes are written
 * @plot: what it shows, of draw_text_columns()
 */
void draw_text(const struct output *output, const struct plot *plot)
{
	struct canvas canvas = {
		.output = output,
		.plot = plot,
		.width = draw_text_columns(),
		.rows = find_rows(plot),
		.utf8 = is_utf8(),
	};

	canvas.scale = scale_sizes(draw_top(plot), canvas.rows / 2);
	canvas.values = xcalloc(canvas.width * plot->count,
				sizeof(*canvas.values));
	canvas.known = xcalloc(canvas.width, sizeof(*canvas.known));
	canvas.marks = xcalloc(canvas.width, sizeof(*canvas.marks));
	fill_all(&canvas);
	put_title(&canvas);
	put_rows(&canvas);
	put_axis(&canvas);
	put_times(&canvas);
	put_legend(&canvas);
	put_marks(&canvas);
	free(canvas.values);
	free(canvas.known);
	free(canvas.marks);
}
