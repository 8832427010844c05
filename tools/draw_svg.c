// SPDX-License-Identifier: GPL-2.0
/*
 * A picture of memory over time as SVG, by itself or in a page of HTML. Nothing else
 * is needed to see it, and nothing is fetched. Scripts only show values under the
 * pointer.
 *
 * Names are chosen by others. What is not printable, which XML may not have, was
 * escaped by name_text(); what means something in XML or HTML is escaped here. No
 * name is in a script or in a style.
 */
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "text.h"
#include "xalloc.h"

/* Pixels. */
#define LEFT		74
#define TOP		64
#define HEIGHT		400
#define WIDTH		(LEFT + SVG_COLUMNS + 26)
#define BOTTOM		(TOP + HEIGHT)
#define LINE		20
#define LEGEND		(BOTTOM + 58)
/* The right ends of numbers in the legend, and where names begin. */
#define AT_LAST		(LEFT + 90)
#define AT_MOST		(LEFT + 160)
#define AT_POINTER	(LEFT + 310)

/* What fits on a line, and what is shown by pointing at it. */
#define NAME_WIDTH	78
#define WHOLE_WIDTH	300

/* Told apart on light and on dark ground, neighbours also without red or green. */
static const char *const colors[] = {
	"#4269d0", "#efb118", "#3ca951", "#ff725c", "#6cc5b0", "#a463f2",
	"#ff8ab7", "#9c6b4e", "#97bbf5", "#b5cf6b", "#c7519c", "#17a2c4",
	"#d6a77a"
};

#define REST_COLOR	"#9498a0"

static const char style[] =
	"text{font-family:system-ui,sans-serif;font-size:12px;fill:#1f2328;white-space:pre}\n"
	".paper{fill:#fff}.title{font-size:16px;font-weight:600}.soft{fill:#59636e}\n"
	".number{text-anchor:end;font-variant-numeric:tabular-nums}.time{text-anchor:middle}\n"
	".name{font-family:ui-monospace,monospace;unicode-bidi:isolate}.own{font-style:italic}\n"
	".grid{stroke:#d1d9e0;fill:none}.axis{stroke:#59636e;fill:none}.gap{fill:#59636e;fill-opacity:.12}\n"
	".area{stroke:#fff;stroke-width:.5;stroke-linejoin:round}.line{fill:none;stroke-width:2}\n"
	".pressure{stroke:#bf8700;fill:#bf8700}.oom{stroke:#d1242f;fill:#d1242f}\n"
	".mark{stroke-dasharray:3 2}\n"
	"@media(prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}.soft{fill:#9198a1}\n"
	".grid{stroke:#30363d}.axis{stroke:#9198a1}.gap{fill:#9198a1}.area{stroke:#0d1117}\n"
	".pressure{stroke:#d29922;fill:#d29922}.oom{stroke:#f85149;fill:#f85149}}\n";

/* The browser itself sees to it that nothing is fetched. */
static const char page_head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<link rel=\"icon\" href=\"data:,\">\n<title>";

static const char page_style[] =
	":root{color-scheme:light dark}body{margin:0;background:#fff}\n"
	"svg{display:block;margin:auto;max-width:100%;height:auto}\n"
	"@media(prefers-color-scheme:dark){body{background:#0d1117}}\n";

/*
 * Shows a line under the pointer, or where arrow keys move it, and the values there:
 * at first, where all have most.
 */
static const char script[] =
	"const svg=document.querySelector('svg'),data=JSON.parse(document.getElementById('data').textContent);\n"
	"const line=document.getElementById('pointer'),when=document.getElementById('when');\n"
	"const cells=[...document.querySelectorAll('.value')];\n"
	"let at=-1;\n"
	"function size(n){let u='BKMGTPE',i=0;while(n>=1023.5&&i<6){n/=1024;i++}\n"
	"return(n>=99.95||i===0?n.toFixed(0):n.toFixed(1).replace('.0',''))+u[i]}\n"
	"function show(nr){if(nr<0||nr>=data.points.length)return;at=nr;const p=data.points[nr];\n"
	"line.setAttribute('x1',p[1]);line.setAttribute('x2',p[1]);line.style.visibility='visible';\n"
	"when.textContent=p[0];cells.forEach((c,i)=>{c.textContent=data.bytes?p[i+2]:size(p[i+2])})}\n"
	"svg.addEventListener('pointermove',e=>{const m=svg.getScreenCTM();if(!m)return;\n"
	"const x=new DOMPoint(e.clientX,e.clientY).matrixTransform(m.inverse()).x;\n"
	"let best=0;data.points.forEach((p,i)=>{if(Math.abs(p[1]-x)<Math.abs(data.points[best][1]-x))best=i});show(best)});\n"
	"let peak=0;data.points.forEach((p,i)=>{if(p[p.length-1]>data.points[peak][p.length-1])peak=i});show(peak);\n"
	"addEventListener('keydown',e=>{if(e.key==='ArrowLeft')show(at<0?data.points.length-1:at-1);\n"
	"else if(e.key==='ArrowRight')show(at+1)});\n";

/**
 * struct svg - what is written
 * @out: where
 * @output: how sizes are written
 * @plot: what it shows
 * @scale: of sizes
 * @page: whether it is in a page
 */
struct svg {
	FILE *out;
	const struct output *output;
	const struct plot *plot;
	struct scale scale;
	bool page;
};

static const char *color_of(const struct plot *plot, size_t group)
{
	return plot->groups[group].rest ? REST_COLOR : colors[group];
}

/* A text, freed, in XML or HTML. */
static void put_text(const struct svg *svg, char *text)
{
	const char *c;

	for (c = text; *c; c++)
		switch (*c) {
		case '&':
			fputs("&amp;", svg->out);
			break;
		case '<':
			fputs("&lt;", svg->out);
			break;
		case '>':
			fputs("&gt;", svg->out);
			break;
		case '"':
			fputs("&quot;", svg->out);
			break;
		case '\'':
			fputs("&#39;", svg->out);
			break;
		default:
			putc_unlocked(*c, svg->out);
		}
	free(text);
}

/* A text, freed, somewhere on the picture. */
static void put(const struct svg *svg, double x, double y, const char *class,
		char *text)
{
	fprintf(svg->out, "<text x=\"%g\" y=\"%g\" class=\"%s\">", x, y, class);
	put_text(svg, text);
	fputs("</text>\n", svg->out);
}

static double x_of(const struct plot *plot, int64_t time)
{
	return LEFT + (double)(time - plot->start) / (plot->end - plot->start) *
	       SVG_COLUMNS;
}

static double y_of(const struct svg *svg, uint64_t bytes)
{
	return BOTTOM - (double)bytes / svg->scale.top * HEIGHT;
}

static void put_sizes(const struct svg *svg)
{
	uint64_t size;

	for (size = 0; size <= svg->scale.top; size += svg->scale.step) {
		double y = y_of(svg, size);

		if (size)
			fprintf(svg->out, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>\n",
				LEFT, y, LEFT + SVG_COLUMNS);
		put(svg, LEFT - 8, y + 4, "number soft",
		    size ? size_text(size) : xstrdup("0"));
	}
}

static void put_times(const struct svg *svg)
{
	const struct plot *plot = svg->plot;
	struct times times;
	char label[16];
	int64_t now;

	times_begin(&times, plot, 12);
	while ((now = times_next(&times, label, sizeof(label))) <=
	       plot->end / 1000000) {
		double x = x_of(plot, now * 1000000);

		if (x < LEFT)
			continue;
		fprintf(svg->out, "<path class=\"axis\" d=\"M%.1f %dv5\"/>\n",
			x, BOTTOM);
		put(svg, x, BOTTOM + 19, "time soft", xstrdup(label));
	}
	fprintf(svg->out, "<path class=\"axis\" d=\"M%d %dH%d\"/>\n", LEFT,
		BOTTOM, LEFT + SVG_COLUMNS);
}

static void put_gap(const struct svg *svg, double from, double to)
{
	if (to - from > 1.5)
		fprintf(svg->out,
			"<rect class=\"gap\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>no samples</title></rect>\n",
			from, TOP, to - from, HEIGHT);
}

/* Where nothing is known. */
static void put_gaps(const struct svg *svg)
{
	const struct plot *plot = svg->plot;
	double last = LEFT;
	size_t i;

	for (i = 0; i < plot->points_count; i++) {
		double x = x_of(plot, plot->points[i].time);

		if (!i || plot->points[i].segment != plot->points[i - 1].segment)
			put_gap(svg, last, x);
		last = x;
	}
	put_gap(svg, last, LEFT + SVG_COLUMNS);
}

/* What the groups have together up to one, the lines not among them. */
static uint64_t sum(const struct plot *plot, const struct plot_point *point,
		    size_t count)
{
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < count; i++)
		total += plot->groups[i].line ? 0 : point->values[i];
	return total;
}

/* The end of the points that are joined with one. */
static size_t end_of(const struct plot *plot, size_t first)
{
	size_t end = first + 1;

	while (end < plot->points_count &&
	       plot->points[end].segment == plot->points[first].segment)
		end++;
	return end;
}

/* A sample alone is a pixel wide, so that it is seen. */
static void put_area(const struct svg *svg, size_t group, size_t first,
		     size_t end)
{
	const struct plot *plot = svg->plot;
	const struct plot_point *point;
	size_t i;

	for (i = first; i < end; i++) {
		point = &plot->points[i];
		fprintf(svg->out, "%s%.1f %.1f", i > first ? "L" : "M",
			x_of(plot, point->time),
			y_of(svg, sum(plot, point, group + 1)));
	}
	if (end - first == 1)
		fputs("h1", svg->out);
	for (i = end; i-- > first;) {
		point = &plot->points[i];
		fprintf(svg->out, "L%.1f %.1f", x_of(plot, point->time) +
			(end - first == 1),
			y_of(svg, sum(plot, point, group)));
	}
	fputs("Z", svg->out);
}

static void put_line(const struct svg *svg, size_t group, size_t first,
		     size_t end)
{
	const struct plot *plot = svg->plot;
	size_t i;

	for (i = first; i < end; i++)
		fprintf(svg->out, "%s%.1f %.1f", i > first ? "L" : "M",
			x_of(plot, plot->points[i].time),
			y_of(svg, plot->points[i].values[group]));
	if (end - first == 1)
		fputs("h1", svg->out);
}

static void put_group(const struct svg *svg, size_t nr)
{
	const struct plot_group *group = &svg->plot->groups[nr];
	size_t first, end;

	if (group->line && !draw_line(svg->plot, group))
		return;
	fprintf(svg->out, group->line ?
		"<path class=\"line\" stroke=\"%s\" d=\"" :
		"<path class=\"area\" fill=\"%s\" d=\"",
		color_of(svg->plot, nr));
	for (first = 0; first < svg->plot->points_count; first = end) {
		end = end_of(svg->plot, first);
		(group->line ? put_line : put_area)(svg, nr, first, end);
	}
	fputs("\"><title>", svg->out);
	put_text(svg, draw_name(svg->plot, group, WHOLE_WIDTH));
	fputs("</title></path>\n", svg->out);
}

static void put_marks(const struct svg *svg)
{
	const struct plot *plot = svg->plot;
	size_t i;

	for (i = 0; i < plot->marks_count; i++) {
		const struct plot_mark *mark = &plot->marks[i];
		double x = x_of(plot, mark->time);

		fprintf(svg->out,
			"<g class=\"%s\"><path class=\"mark\" d=\"M%.1f %dV%d\"/><path d=\"M%.1f %dl-4 -7h8z\"/></g>\n",
			mark->oom ? "oom" : "pressure", x, TOP, BOTTOM, x,
			TOP);
	}
}

static void put_value(const struct svg *svg, double y)
{
	if (svg->page)
		fprintf(svg->out,
			"<text x=\"%d\" y=\"%g\" class=\"number value\"></text>\n",
			AT_POINTER, y);
}

/* What every line of the legend has. */
static void put_amounts(const struct svg *svg, double y, uint64_t last,
			uint64_t most)
{
	put(svg, AT_LAST, y, "number", output_amount(svg->output, last));
	put(svg, AT_MOST, y, "number", output_amount(svg->output, most));
}

static double names_at(const struct svg *svg)
{
	return (svg->page ? AT_POINTER : AT_MOST) + 20;
}

static double put_legend(const struct svg *svg)
{
	const struct plot *plot = svg->plot;
	double y = LEGEND;
	size_t i;

	put(svg, AT_LAST, y, "number soft", xstrdup("at the end"));
	put(svg, AT_MOST, y, "number soft", xstrdup("most"));
	if (svg->page)
		fprintf(svg->out,
			"<text id=\"when\" x=\"%d\" y=\"%g\" class=\"number soft\"></text>\n",
			AT_POINTER, y);
	for (i = 0; i < plot->count; i++) {
		const struct plot_group *group = &plot->groups[i];

		y += LINE;
		fprintf(svg->out,
			"<rect x=\"%d\" y=\"%g\" width=\"14\" height=\"%d\" fill=\"%s\"/>\n",
			LEFT, y - (group->line ? 6 : 11), group->line ? 3 : 14,
			color_of(plot, i));
		put_amounts(svg, y, group->last, group->max);
		put_value(svg, y);
		fprintf(svg->out, "<text x=\"%g\" y=\"%g\" class=\"%s\"><title>",
			names_at(svg), y, group->own ? "own" : "name");
		put_text(svg, draw_name(plot, group, WHOLE_WIDTH));
		fputs("</title>", svg->out);
		put_text(svg, draw_name(plot, group, NAME_WIDTH));
		fputs("</text>\n", svg->out);
	}
	if (plot->count > 1) {
		y += LINE;
		put_amounts(svg, y, plot->last, plot->max);
		put_value(svg, y);
		put(svg, names_at(svg), y, "own", xstrdup("together"));
	}
	return y;
}

/* What a sign means, freed, if it is there; returns where the next one is. */
static double put_note(const struct svg *svg, double y, const char *class,
		       char *text)
{
	if (!text)
		return y;
	y += LINE;
	if (!strcmp(class, "gap"))
		fprintf(svg->out,
			"<rect class=\"gap\" x=\"%d\" y=\"%g\" width=\"14\" height=\"14\"/>\n",
			LEFT, y - 11);
	else
		fprintf(svg->out,
			"<path class=\"%s\" d=\"M%d %gl-4 -7h8z\"/>\n",
			class, LEFT + 7, y - 1);
	put(svg, LEFT + 24, y, "soft", text);
	return y;
}

static void put_notes(const struct svg *svg, double y)
{
	y = put_note(svg, y, "pressure", draw_pressure(svg->plot));
	y = put_note(svg, y, "oom", draw_oom(svg->plot));
	if (svg->plot->gaps)
		put_note(svg, y, "gap",
			 xstrdup("no samples: the recorder or the machine did not run"));
}

/* Of all lines of the legend. */
static int height(const struct plot *plot)
{
	size_t lines = plot->count + (plot->count > 1) + !!plot->pressure +
		       !!plot->oom + !!plot->gaps;

	return LEGEND + lines * LINE + 16;
}

static void put_svg(const struct svg *svg)
{
	const struct plot *plot = svg->plot;
	char *title = draw_title(plot, true), *range = draw_range(plot, true);
	size_t i;

	fprintf(svg->out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"title range\">\n<title id=\"title\">",
		WIDTH, height(plot), WIDTH, height(plot));
	put_text(svg, xstrdup(title));
	fputs("</title>\n<desc id=\"range\">", svg->out);
	put_text(svg, xstrdup(range));
	fprintf(svg->out,
		"</desc>\n<style>\n%s</style>\n<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n",
		style, WIDTH, height(plot));
	put(svg, LEFT, 26, "title", title);
	put(svg, LEFT, 45, "soft", range);
	put_gaps(svg);
	put_sizes(svg);
	for (i = 0; i < plot->count; i++)
		put_group(svg, i);
	put_times(svg);
	put_marks(svg);
	if (svg->page)
		fprintf(svg->out,
			"<line id=\"pointer\" class=\"axis\" y1=\"%d\" y2=\"%d\" visibility=\"hidden\"/>\n",
			TOP, BOTTOM);
	put_notes(svg, put_legend(svg));
	fputs("</svg>\n", svg->out);
}

static struct svg begin(FILE *out, const struct output *output,
			const struct plot *plot, bool page)
{
	return (struct svg){
		.out = out,
		.output = output,
		.plot = plot,
		.scale = scale_sizes(draw_top(plot), 9),
		.page = page,
	};
}

/* A picture by itself. */
void draw_svg(FILE *out, const struct output *output, const struct plot *plot)
{
	struct svg svg = begin(out, output, plot, false);

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", out);
	put_svg(&svg);
}

/* For the script: numbers, and times in letters that mean nothing else. */
static void put_data(const struct svg *svg)
{
	const struct plot *plot = svg->plot;
	size_t i, group;

	fprintf(svg->out,
		"<script type=\"application/json\" id=\"data\">{\"bytes\":%s,\"points\":[",
		svg->output->bytes ? "true" : "false");
	for (i = 0; i < plot->points_count; i++) {
		const struct plot_point *point = &plot->points[i];
		char *when = draw_moment(point->time);

		fprintf(svg->out, "%s[\"%s\",%.1f", i ? ",\n" : "\n", when,
			x_of(plot, point->time));
		for (group = 0; group < plot->count; group++)
			fprintf(svg->out, ",%llu",
				(unsigned long long)point->values[group]);
		fprintf(svg->out, ",%llu]", (unsigned long long)point->total);
		free(when);
	}
	fputs("]}</script>\n", svg->out);
}

/* A page around it, which may fetch nothing. */
void draw_html(FILE *out, const struct output *output, const struct plot *plot)
{
	struct svg svg = begin(out, output, plot, true);

	fputs(page_head, out);
	put_text(&svg, draw_title(plot, true));
	fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n",
		page_style);
	put_svg(&svg);
	put_data(&svg);
	fprintf(out, "<script>\n%s</script>\n</body>\n</html>\n", script);
}
