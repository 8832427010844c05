// SPDX-License-Identifier: GPL-2.0
/*
 * Names as one word of a shell, whatever their bytes: nothing in them is
 * expanded, ends the word, or reaches a terminal.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "quote.h"
#include "text.h"
#include "xalloc.h"

/*
 * The next byte of a name that is escaped as in tables. Only those that mean
 * nothing in any quotes, nor to the history of a shell, need no escape.
 */
static unsigned char next_byte(const char **name, bool *plain)
{
	int byte = octal_byte(*name);
	unsigned char c = byte >= 0 ? byte : **name;

	*name += byte >= 0 ? 4 : 1;
	*plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		 (c >= '0' && c <= '9') || (c && strchr("/._,:=@%+- ", c));
	return c;
}

/**
 * quote_text - a name as one word of a shell
 * @name: as tables have it, with "\ooo"
 *
 * Return: the word, in printable ASCII: '...', or $'...' as bash, zsh, ksh and
 *	POSIX of 2024 have it; to be freed.
 */
char *quote_text(const char *name)
{
	bool all_plain = true, plain;
	const char *at = name;
	size_t length;
	char *text;
	FILE *out;

	while (*at) {
		next_byte(&at, &plain);
		all_plain &= plain;
	}
	out = xmemstream(&text, &length);
	fputs(all_plain ? "'" : "$'", out);
	for (at = name; *at; ) {
		unsigned char c = next_byte(&at, &plain);

		fprintf(out, plain ? "%c" : "\\%03o", c);
	}
	putc('\'', out);
	xfclose(out);
	return text;
}
