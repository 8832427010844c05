// SPDX-License-Identifier: GPL-2.0
/*
 * Turns what the kernel writes into what people read. Nothing here can move a
 * terminal's cursor: what is not printable stays as the kernel spelled it.
 */
#include <langinfo.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "text.h"
#include "xalloc.h"

/**
 * size_text - a size for people
 * @bytes: the size
 *
 * Return: such as 512B, 4K, 9.1G, and 40M rather than 40.0M; to be freed.
 */
char *size_text(uint64_t bytes)
{
	const char *unit = "BKMGTPE";
	double size = bytes;
	char *text, *zero;

	/* 1023.5 would be shown as 1024. */
	while (size >= 1023.5 && unit[1]) {
		size /= 1024;
		unit++;
	}
	/* 1023.5K is a little less than 1M, and shown as that. */
	if (size < 1 && bytes)
		size = 1;
	text = xasprintf(size >= 99.95 ? "%.0f%c" : "%.1f%c", size, *unit);
	zero = strstr(text, ".0");
	if (zero)
		memmove(zero, zero + 2, strlen(zero + 2) + 1);
	return text;
}

/* A time for people, such as 42s, 5m12s, 3h0m, 12d4h; to be freed. */
char *age_text(uint64_t seconds)
{
	unsigned long long age = seconds;

	if (age < 60)
		return xasprintf("%llus", age);
	if (age < 3600)
		return xasprintf("%llum%llus", age / 60, age % 60);
	if (age < 86400)
		return xasprintf("%lluh%llum", age / 3600, age / 60 % 60);
	return xasprintf("%llud%lluh", age / 86400, age / 3600 % 24);
}

/* The length of a text without an end, where it has that and more; or its own. */
size_t stem_length(const char *text, size_t length, const char *end)
{
	size_t tail = strlen(end);

	return length > tail && !strncmp(text + length - tail, end, tail) ?
	       length - tail : length;
}

/* Whether a text is in a list, which NULL ends. */
bool is_one_of(const char *text, const char *const *list)
{
	while (*list && strcmp(*list, text))
		list++;
	return *list;
}

/* Compares names without regard to case, the same in every locale. */
bool same_name(const char *a, const char *b, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (a[i] != b[i] && ((a[i] ^ b[i]) != 32 ||
				     (a[i] | 32) < 'a' || (a[i] | 32) > 'z'))
			return false;
	return true;
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
 * Spaces, and letters that the locale can show, are written as themselves. The
 * rest stays as it is, backslashes as well, so that none is mistaken for it.
 *
 * Return: the text; to be freed.
 */
char *name_text(const char *name)
{
	char *text = xstrdup(name), *out = text;

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
		/* Not what has no width: it may change the direction of text. */
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
 * Return: printable ASCII without spaces, "\ooo" for all else; to be freed.
 */
char *escape_text(const char *raw, size_t length)
{
	char *text = xmalloc(4 * length + 1), *out = text;
	size_t i;

	for (i = 0; i < length; i++) {
		unsigned char c = raw[i];

		out += sprintf(out, c > ' ' && c < 127 && c != '\\' ?
			       "%c" : "\\%03o", c);
	}
	*out = '\0';
	return text;
}

/*
 * A name that a person gives, as a table would have it: they may have taken it
 * from one, so what is escaped already stays. To be freed.
 */
char *escape_more(const char *text)
{
	char *result = xmalloc(4 * strlen(text) + 1), *out = result;

	for (; *text; text++) {
		unsigned char c = *text;

		out += sprintf(out, (c > ' ' && c < 127 && c != '\\') ||
			       octal_byte(text) >= 0 ? "%c" : "\\%03o", c);
	}
	*out = '\0';
	return result;
}

/* Undoes the "\ooo" of a text, in its place. */
char *unescape_text(char *text)
{
	char *in = text, *out = text;

	while (*in) {
		int byte = octal_byte(in);

		*out++ = byte >= 0 ? byte : *in;
		in += byte >= 0 ? 4 : 1;
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
 *	short id, such as docker:0123456789ab; spelt as the path is; to be freed.
 */
char *cgroup_text(const char *path)
{
	const char *last = strrchr(path, '/'), *id, *start;
	char *parent, *text;

	last = last && last[1] ? last + 1 : path;
	id = container_id(last);
	if (!id)
		return xstrdup(last);
	/* docker-ID.scope, cri-containerd-ID.scope, docker/ID */
	if (id > last) {
		parent = xstrndup(last, id - last - 1);
	} else {
		start = last - (last > path);
		while (start > path && start[-1] != '/')
			start--;
		parent = xstrndup(start, strcspn(start, "/"));
	}
	text = xasprintf("%s:%.12s", parent, id);
	free(parent);
	return text;
}

/* How many columns of a terminal a text takes. */
size_t text_width(const char *text)
{
	size_t width = 0, used;
	mbstate_t state = {};
	wchar_t wide;

	while ((used = mbrtowc(&wide, text, MB_CUR_MAX, &state))) {
		if (used > MB_CUR_MAX)
			break;
		width += wcwidth(wide) > 0 ? wcwidth(wide) : 0;
		text += used;
	}
	return width;
}

/* Leaves no more of it than takes so many. */
void text_cut(char *text, size_t width)
{
	mbstate_t state = {};
	wchar_t wide;

	while (*text) {
		size_t used = mbrtowc(&wide, text, MB_CUR_MAX, &state);
		size_t more = used <= MB_CUR_MAX && wcwidth(wide) > 0 ?
			      wcwidth(wide) : 0;

		if (used > MB_CUR_MAX || more > width)
			break;
		width -= more;
		text += used;
	}
	*text = '\0';
}

/* Whether the locale can show more than ASCII. */
bool is_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}
