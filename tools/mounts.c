// SPDX-License-Identifier: GPL-2.0
/*
 * What is mounted where a process is, as libmount reads it.
 */
#include <stdio.h>

#include "mounts.h"
#include "text.h"
#include "xalloc.h"

/* File systems that objects are on. */
bool mounts_is_shared(const char *type)
{
	static const char *const shared[] = {
		"tmpfs", "devtmpfs", "rootfs", "hugetlbfs", NULL
	};

	return is_one_of(type, shared);
}

/**
 * mounts_each - call a function for each mount that a process sees
 * @process: the process
 * @visit: the function
 * @context: handed to @visit
 *
 * Return: whether there was something to be read.
 */
bool mounts_each(const struct process *process,
		 void (*visit)(void *context, struct libmnt_fs *fs),
		 void *context)
{
	FILE *file = process_file(process, "mountinfo");
	struct libmnt_table *table = xcheck(mnt_new_table());
	struct libmnt_iter *iter = xcheck(mnt_new_iter(MNT_ITER_FORWARD));
	struct libmnt_fs *fs;
	bool found = false;
	int error = file ? mnt_table_parse_stream(table, file, "mountinfo") : 0;

	xcheck_error(-error);
	if (file && !error)
		while (!mnt_table_next_fs(table, iter, &fs)) {
			found = true;
			visit(context, fs);
		}
	mnt_free_iter(iter);
	mnt_unref_table(table);
	if (file)
		fclose(file);
	return found;
}
