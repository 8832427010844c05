/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pictures of memory over time: in text, and as SVG, by itself or in HTML.
 */
#ifndef SHMSTAT_TOOLS_DRAW_H
#define SHMSTAT_TOOLS_DRAW_H

#include <stdio.h>

#include "output.h"
#include "plot.h"

/* Columns of a picture of SVG, one for each of its pixels. */
#define SVG_COLUMNS	900

/**
 * struct scale - an axis
 * @step: between two of its values that are written
 * @top: the last one; sizes only
 */
struct scale {
	uint64_t step;
	uint64_t top;
};

/**
 * struct times - the times on an axis, which calls end with INT64_MAX
 * @step: seconds between them
 * @next: the next one, in seconds since 1970
 * @day: what was written for the last one
 */
struct times {
	int64_t step;
	int64_t next;
	char day[16];
};

struct scale scale_sizes(uint64_t max, size_t lines);
void times_begin(struct times *times, const struct plot *plot, size_t labels);
int64_t times_next(struct times *times, char *label, size_t size);
uint64_t draw_top(const struct plot *plot);
bool draw_line(const struct plot *plot, const struct plot_group *group);
char *draw_moment(int64_t time);
char *draw_title(const struct plot *plot, bool whole);
char *draw_range(const struct plot *plot, bool whole);
char *draw_name(const struct plot *plot, const struct plot_group *group,
		size_t width);
char *draw_pressure(const struct plot *plot);
char *draw_oom(const struct plot *plot);

size_t draw_text_columns(void);
void draw_text(const struct output *output, const struct plot *plot);
void draw_svg(FILE *out, const struct output *output, const struct plot *plot);
void draw_html(FILE *out, const struct output *output, const struct plot *plot);

#endif /* SHMSTAT_TOOLS_DRAW_H */
