// SPDX-License-Identifier: GPL-2.0
/*
 * The largest of many things, in bounded memory. <linux/min_heap.h> is not used,
 * as v6.10 and v6.11 changed its interface.
 */
#include <linux/errno.h>
#include <linux/minmax.h>

#include "largest.h"

static size_t items_size(const struct shmstat_largest *largest)
{
	return max(largest->max, 1U) * sizeof(*largest->items);
}

/**
 * shmstat_largest_init - prepare to keep the largest
 * @largest: the largest
 * @budget: the read's budget
 * @max: maximum number to keep, may be 0
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int shmstat_largest_init(struct shmstat_largest *largest,
			 struct shmstat_budget *budget, u32 max)
{
	*largest = (struct shmstat_largest) { .max = max };
	largest->items = shmstat_alloc(budget, items_size(largest));
	return largest->items ? 0 : -ENOMEM;
}

/**
 * shmstat_largest_free - undo shmstat_largest_init()
 * @largest: the largest, or zeroes
 * @budget: the read's budget
 *
 * Context: Any.
 */
void shmstat_largest_free(struct shmstat_largest *largest,
			  struct shmstat_budget *budget)
{
	shmstat_free(budget, largest->items, items_size(largest));
	largest->items = NULL;
}

/**
 * shmstat_largest_takes - check whether a weight is among the largest so far
 * @largest: the largest, not sorted yet
 * @weight: the weight
 *
 * Context: Any.
 * Return: true if shmstat_largest_add() may be called for it.
 */
bool shmstat_largest_takes(const struct shmstat_largest *largest, u64 weight)
{
	return largest->count < largest->max ||
	       (largest->max && weight > largest->items[0].weight);
}

static void sift_up(struct shmstat_weight *items, u32 at)
{
	while (at && items[at].weight < items[(at - 1) / 2].weight) {
		swap(items[at], items[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
}

static void sift_down(struct shmstat_weight *items, u32 count)
{
	u32 at = 0, child;

	while ((child = 2 * at + 1) < count) {
		if (child + 1 < count &&
		    items[child + 1].weight < items[child].weight)
			child++;
		if (items[at].weight <= items[child].weight)
			return;
		swap(items[at], items[child]);
		at = child;
	}
}

/**
 * shmstat_largest_add - add one more
 * @largest: the largest, not sorted yet
 * @weight: a weight that shmstat_largest_takes()
 *
 * Context: Any.
 * Return: the place for the thing: that of the smallest, which it replaces, once
 *	the maximum is reached; until then the next unused one, from 0.
 */
u32 shmstat_largest_add(struct shmstat_largest *largest, u64 weight)
{
	struct shmstat_weight *items = largest->items;
	u32 place = largest->count;

	if (place < largest->max) {
		items[place] = (struct shmstat_weight) { weight, place };
		sift_up(items, largest->count++);
		return place;
	}
	place = items[0].place;
	items[0].weight = weight;
	sift_down(items, largest->count);
	return place;
}

/**
 * shmstat_largest_sort - sort in descending order
 * @largest: the largest; no more can be added
 *
 * Context: Any.
 */
void shmstat_largest_sort(struct shmstat_largest *largest)
{
	u32 left;

	for (left = largest->count; left > 1; left--) {
		swap(largest->items[0], largest->items[left - 1]);
		sift_down(largest->items, left - 1);
	}
}
