// SPDX-License-Identifier: GPL-2.0
/*
 * Turns what the kernel writes into what people read. Nothing here can move a
 * terminal's cursor: what is not printable stays as the kernel spelled it.
 */
#include <ctype.h>
#include <err.h>
#include <langinfo.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "text.h"

static char *copy(const char *text, size_t length)
{
	char *result = strndup(text, length);

	if (!result)
		err(1, "text");
	return result;
}

/**
 * size_text - a size for people
 * @bytes: the size
 *
 * Return: such as 512B, 4K, 9.1G; to be freed.
 */
char *size_text(uint64_t bytes)
{
	const char *unit = "BKMGTPE";
	double size = bytes;
	char *text;
	int ret;

	/* 1023.95 would be shown as 1024. */
	while (size >= 1023.95 && unit[1]) {
		size /= 1024;
		unit++;
	}
	if (size >= 99.95 || size == (uint64_t)size)
		ret = asprintf(&text, "%.0f%c", size, *unit);
	else
		ret = asprintf(&text, "%.1f%c", size, *unit);
	if (ret < 0)
		err(1, "size");
	return text;
}

/* The byte that "\ooo" stands for; -1 if @text is no such thing. */
int octal_byte(const char *text)
{
	int i, byte = 0;

	if (*text != '\\')
		return -1;
	for (i = 1; i <= 3; i++) {
		if (text[i] < '0' || text[i] > '7')
			return -1;
		byte = byte * 8 + text[i] - '0';
	}
	return byte;
}

/**
 * name_text - a name for people
 * @name: as the kernel writes it, with "\ooo" for all but printable ASCII
 *
 * Blanks, and letters that the locale can show, are written as themselves. The
 * rest stays as it is, backslashes as well, so that none is mistaken for it.
 *
 * Return: the text; to be freed.
 */
char *name_text(const char *name)
{
	char *text = copy(name, strlen(name)), *out = text;

	while (*name) {
		char bytes[MB_LEN_MAX];
		mbstate_t state = {};
		size_t length = 0, used;
		wchar_t wide;
		int byte;

		while (length < MB_CUR_MAX &&
		       (byte = octal_byte(name + 4 * length)) >= 0)
			bytes[length++] = byte;
		used = mbrtowc(&wide, bytes, length, &state);
		/* Neither what has no width, such as a change of direction. */
		if (length && used && used <= length && *bytes != '\\' &&
		    wcwidth(wide) > 0) {
			memcpy(out, bytes, used);
			out += used;
			name += 4 * used;
		} else {
			*out++ = *name++;
		}
	}
	*out = '\0';
	return text;
}

/**
 * escape_text - a name as the kernel's tables have it
 * @raw: the name
 * @length: of it, in bytes
 *
 * Return: printable ASCII without blanks, "\ooo" for all else; to be freed.
 */
char *escape_text(const char *raw, size_t length)
{
	char *text = malloc(4 * length + 1), *out = text;
	size_t i;

	if (!text)
		err(1, "text");
	for (i = 0; i < length; i++) {
		unsigned char c = raw[i];

		out += sprintf(out, c > ' ' && c < 127 && c != '\\' ?
			       "%c" : "\\%03o", c);
	}
	*out = '\0';
	return text;
}

/* Where a container's id starts, 64 hexadecimal digits; or NULL. */
static const char *container_id(const char *name)
{
	size_t length = strlen(name);
	const char *end = strrchr(name, '.');

	if (end && !strcmp(end, ".scope"))
		length = end - name;
	if (length < 64 ||
	    strspn(name + length - 64, "0123456789abcdef") < 64)
		return NULL;
	return name + length - 64;
}

/**
 * cgroup_text - what a cgroup is called by those who made it
 * @path: the cgroup's
 *
 * Return: the name of a service or a session, or a container's runtime and
 *	short id, such as docker:0123456789ab; to be freed.
 */
char *cgroup_text(const char *path)
{
	const char *last = strrchr(path, '/'), *id, *parent;
	size_t length;
	char *text;

	last = last && last[1] ? last + 1 : path;
	id = container_id(last);
	if (!id)
		return name_text(last);
	/* docker-ID.scope, cri-containerd-ID.scope, docker/ID */
	if (id > last) {
		parent = last;
		length = id - last - 1;
	} else {
		parent = last - (last > path);
		while (parent > path && parent[-1] != '/')
			parent--;
		length = strcspn(parent, "/");
	}
	if (asprintf(&text, "%.*s:%.12s", (int)length, parent, id) < 0)
		err(1, "cgroup");
	return text;
}

/* Whether the locale can show more than ASCII. */
bool is_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}
