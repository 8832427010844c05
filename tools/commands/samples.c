// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat samples: which samples a file has.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands/commands.h"
#include "output.h"
#include "store.h"
#include "when.h"
#include "xalloc.h"

/**
 * struct samples - those of a file
 * @list: the samples
 * @count: how many
 * @room: how many there is room for
 */
struct samples {
	struct sample *list;
	size_t count;
	size_t room;
};

COLUMN_GET(sample, time, number, sample->time)
COLUMN_GET(sample, shmem, number, sample->shmem)
COLUMN_GET(sample, objects, number, sample->objects)
COLUMN_GET(sample, why, text, sample->why)

static const struct column columns[] = {
	{ "TIME", "when it was made", MOMENT, get_time, .standard = true },
	{ "SHMEM", "the kernel's counter", SIZE, get_shmem, .standard = true },
	{ "OBJECTS", "how many", NUMBER, get_objects, .standard = true },
	{ "WHY", "interval, pressure, oom or once", TEXT, get_why,
	  .standard = true },
	{}
};

static void usage(void)
{
	puts("Usage: shmstat samples --from FILE [options]\n"
	     "Lists the samples that shmstat record has written to FILE.\n\n"
	     "     --from FILE    the file\n"
	     OUTPUT_COLUMNS_HELP
	     OUTPUT_HELP);
	output_help(columns);
}

static const struct option options[] = {
	OUTPUT_LIST_OPTIONS,
	{}
};

static void add_sample(void *context, const struct sample *sample)
{
	struct samples *samples = context;

	samples->list = xgrow(samples->list, samples->count, &samples->room,
			      sizeof(*samples->list));
	samples->list[samples->count++] = *sample;
}

static int run(int argc, char **argv)
{
	struct output output = { .all = columns };
	struct samples samples = {};
	const void **list;
	struct store *store;
	size_t i;
	int c;

	while ((c = command_option(&command_samples, argc, argv)) >= 0)
		output_option(&output, c, optarg);
	if (!command_from)
		errx(2, "samples lists those of a file: name it by --from");
	if (command_at != INT64_MAX)
		errx(2, "--at is for commands that show one sample: leave it out");
	output_choose(&output);
	store = store_open(command_from);
	store_samples(store, add_sample, &samples);
	list = xcalloc(samples.count, sizeof(*list));
	for (i = 0; i < samples.count; i++)
		list[i] = &samples.list[i];
	output_list(&output, "samples", NULL, list, samples.count);
	store_close(store);
	free(list);
	free(samples.list);
	return 0;
}

const struct command command_samples = {
	"samples", "which samples a file of record has", usage, run,
	OUTPUT_SHORT, options, .past = PAST_OWN,
};
