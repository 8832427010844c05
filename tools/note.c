// SPDX-License-Identifier: GPL-2.0
/*
 * What is read beside the tables, noted to be recorded: by those who read it, as they
 * know what of it is used.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "note.h"
#include "xalloc.h"

void (*note_record)(const char *path, const void *content, size_t length,
		    bool link);

/* A file, if it is to be recorded. */
void note_text(const char *path, const char *content)
{
	if (note_record)
		note_record(path, content, strlen(content), false);
}

/* A directory, and who owns it. */
void note_owner(const char *path, uid_t owner)
{
	char *file, *text;

	if (!note_record)
		return;
	file = xasprintf("%s/" NOTE_OWNER, path);
	text = xasprintf("%u\n", owner);
	note_text(file, text);
	free(text);
	free(file);
}

/* Who owned a directory, by its whole path; false if it was not recorded. */
bool noted_owner(const char *path, uid_t *owner)
{
	char *name = xasprintf("%s/" NOTE_OWNER, path), text[24];
	FILE *file = fopen(name, "re");
	bool known = file && fgets(text, sizeof(text), file);

	if (known)
		*owner = strtoul(text, NULL, 10);
	if (file)
		fclose(file);
	free(name);
	return known;
}
