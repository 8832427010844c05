/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is read beside the tables, noted to be recorded.
 */
#ifndef SHMSTAT_TOOLS_NOTE_H
#define SHMSTAT_TOOLS_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Called, if set, with what is read beside the tables, or with as much of it as is
 * used, to record it. The path is below the root; that of a directory ends in a slash.
 */
extern void (*note_record)(const char *path, const void *content,
			   size_t length, bool link);

/* What is in a directory's place, to say who owned it. */
#define NOTE_OWNER	"shmstat.uid"

void note_text(const char *path, const char *content);
void note_owner(const char *path, uid_t owner);
bool noted_owner(const char *path, uid_t *owner);

#endif /* SHMSTAT_TOOLS_NOTE_H */
