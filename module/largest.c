// SPDX-License-Identifier: GPL-2.0
/*
 * The largest of many things, in bounded memory. <linux/min_heap.h> would do,
 * but v6.10 and v6.11 changed it twice.
 */
#include <linux/errno.h>
#include <linux/minmax.h>

#include "largest.h"

/**
 * shmstat_largest_init - prepare to look for the largest
 * @largest: the heap
 * @budget: what to allocate from
 * @room: how many to keep, may be 0
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int shmstat_largest_init(struct shmstat_largest *largest,
			 struct shmstat_budget *budget, u32 room)
{
	*largest = (struct shmstat_largest) { .room = room };
	largest->items = shmstat_alloc(budget,
				       max(room, 1U) * sizeof(*largest->items));
	return largest->items ? 0 : -ENOMEM;
}

/**
 * shmstat_largest_free - undo shmstat_largest_init()
 * @largest: the heap, or zeroes
 * @budget: the same as there
 */
void shmstat_largest_free(struct shmstat_largest *largest,
			  struct shmstat_budget *budget)
{
	shmstat_free(budget, largest->items,
		     max(largest->room, 1U) * sizeof(*largest->items));
	largest->items = NULL;
}

/**
 * shmstat_largest_takes - whether a weight is among the largest so far
 * @largest: the heap
 * @weight: the weight
 *
 * Context: Any.
 */
bool shmstat_largest_takes(const struct shmstat_largest *largest, u64 weight)
{
	return largest->count < largest->room ||
	       (largest->room && weight > largest->items[0].weight);
}

static void sift_up(struct shmstat_weighed *items, u32 at)
{
	while (at && items[at].weight < items[(at - 1) / 2].weight) {
		swap(items[at], items[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
}

static void sift_down(struct shmstat_weighed *items, u32 count)
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
 * shmstat_largest_add - look at one more
 * @largest: the heap
 * @weight: its weight
 * @what: what it is
 * @out: set to what is not kept for it: @what itself, or what it replaces
 *
 * Return: whether @out was set.
 */
bool shmstat_largest_add(struct shmstat_largest *largest, u64 weight,
			 unsigned long what, unsigned long *out)
{
	struct shmstat_weighed item = { .weight = weight, .what = what };

	largest->seen++;
	if (!shmstat_largest_takes(largest, weight)) {
		*out = what;
		return true;
	}
	if (largest->count < largest->room) {
		largest->items[largest->count] = item;
		sift_up(largest->items, largest->count++);
		return false;
	}
	*out = largest->items[0].what;
	largest->items[0] = item;
	sift_down(largest->items, largest->count);
	return true;
}

/**
 * shmstat_largest_sort - order what was kept, largest first
 * @largest: the heap; nothing can be added to it afterwards
 */
void shmstat_largest_sort(struct shmstat_largest *largest)
{
	u32 left;

	for (left = largest->count; left > 1; left--) {
		swap(largest->items[0], largest->items[left - 1]);
		sift_down(largest->items, left - 1);
	}
}
