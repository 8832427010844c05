/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes samples to a file, a row once for as long as it does not change.
 */
#ifndef SHMSTAT_TOOLS_STORE_WRITE_H
#define SHMSTAT_TOOLS_STORE_WRITE_H

#include "store.h"
#include "table.h"

/**
 * enum written - what became of a sample
 * @WRITTEN: it is in the file
 * @NO_ROOM: the disk is full or does not work, or another program keeps the file
 *	locked: nothing of it is in the file, which may change
 */
enum written { WRITTEN, NO_ROOM };

struct writer;

struct writer *writer_open(const char *path, uint64_t max_size,
			   bool drops);
void writer_begin(struct writer *writer);
void writer_table(struct writer *writer, const char *table,
		  const struct cell *names, size_t count);
void writer_row(struct writer *writer, const struct cell *cells);
void writer_file(struct writer *writer, const char *path, const void *content,
		 size_t length, bool link);
enum written writer_end(struct writer *writer, struct sample *sample);
void writer_keep(struct writer *writer);
void writer_cancel(struct writer *writer);
const char *writer_error(const struct writer *writer);
bool writer_trim(struct writer *writer, int64_t oldest, uint64_t max_size);
bool writer_drop(struct writer *writer);
void writer_close(struct writer *writer);

#endif /* SHMSTAT_TOOLS_STORE_WRITE_H */
