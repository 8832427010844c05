// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that no process seems to have and that Shmem does not count, as far as
 * the kernel's files tell: pools of huge pages, pages of GPU drivers, buffers of
 * dma-buf heaps; and what GPU drivers say that each process has.
 */
#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beside.h"
#include "elsewhere.h"
#include "note.h"
#include "pool.h"
#include "process.h"
#include "set.h"
#include "text.h"
#include "xalloc.h"

/* Descriptors that are looked at, lines of what one tells, and regions of it. */
#define MAX_FDS		1000000
#define MAX_LINES	1000
#define MAX_REGIONS	32

/* Seconds to wait for a list of buffers. */
#define MAX_SECONDS	1

/**
 * struct place - where memory is
 * @what: in a few words
 * @bytes: how much
 * @unused: of that
 * @no_unused: whether that is unknown
 */
struct place {
	char *what;
	uint64_t bytes;
	uint64_t unused;
	bool no_unused;
};

static struct place *places;
static size_t place_count, place_room;

static void add_place(char *what, uint64_t bytes, uint64_t unused,
		      bool no_unused)
{
	if (!bytes) {
		free(what);
		return;
	}
	places = xgrow(places, place_count, &place_room, sizeof(*places));
	places[place_count++] = (struct place){ what, bytes, unused, no_unused };
}

/* The number in a file; 0 if there is none. */
static uint64_t ask_number(const char *dir, const char *name,
			   const char *file_name)
{
	char *path = xasprintf("%s/%s/%s", dir, name, file_name), line[40];
	FILE *file = beside_file(path);
	uint64_t number = 0;

	free(path);
	if (file && fgets(line, sizeof(line), file))
		number = strtoull(line, NULL, 10);
	if (file)
		fclose(file);
	return number;
}

/* The same of a number that is to be recorded. */
static uint64_t read_number(const char *dir, const char *name,
			    const char *file_name)
{
	uint64_t number = ask_number(dir, name, file_name);
	char *path, *text;

	if (!note_record)
		return number;
	path = xasprintf("%s/%s/%s", dir, name, file_name);
	text = xasprintf("%" PRIu64 "\n", number);
	note_text(path, text);
	free(text);
	free(path);
	return number;
}

/* Pages that are set aside, used or not. */
static void find_hugetlb(void)
{
	static const char path[] = "sys/kernel/mm/hugepages";
	DIR *dir = beside_dir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		uint64_t kib, pages, unused;
		char *size;

		if (sscanf(entry->d_name, "hugepages-%lukB", &kib) != 1)
			continue;
		pages = read_number(path, entry->d_name, "nr_hugepages");
		unused = read_number(path, entry->d_name, "free_hugepages");
		size = size_text(kib << 10);
		add_place(xasprintf("hugetlb pool of %s pages", size),
			  pages * (kib << 10), unused * (kib << 10), false);
		free(size);
	}
	if (dir)
		closedir(dir);
}

/* Of Linux 7.1 and later. */
static void find_gpu(void)
{
	char *path = xasprintf("%s/meminfo", proc_dir), line[200];
	FILE *file = fopen(path, "re");
	uint64_t active = 0, pools = 0;
	char *used;

	free(path);
	while (file && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "GPUActive:", 10))
			active = strtoull(line + 10, NULL, 10);
		else if (!strncmp(line, "GPUReclaim:", 11))
			pools = strtoull(line + 11, NULL, 10);
	}
	if (file)
		fclose(file);
	if (active || pools) {
		used = xasprintf("GPUActive: %" PRIu64 " kB\nGPUReclaim: %" PRIu64 " kB\n",
				 active, pools);
		note_text("proc/meminfo", used);
		free(used);
	}
	add_place(xstrdup("GPU buffers (GPUActive)"), active << 10, 0, true);
	add_place(xstrdup("GPU drivers' pools (GPUReclaim)"), pools << 10,
		  pools << 10, false);
}

/**
 * struct heaps - the dma-buf heaps
 * @names: theirs, which are those of their devices
 * @bytes: what their buffers have
 * @count: how many
 * @room: how many there is room for, of each
 */
struct heaps {
	char **names;
	uint64_t *bytes;
	size_t count;
	size_t room;
};

static void find_heap_names(struct heaps *heaps)
{
	DIR *dir = beside_dir("dev/dma_heap");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		size_t room = heaps->room;

		if (*entry->d_name == '.')
			continue;
		heaps->names = xgrow(heaps->names, heaps->count, &heaps->room,
				     sizeof(*heaps->names));
		heaps->bytes = xgrow(heaps->bytes, heaps->count, &room,
				     sizeof(*heaps->bytes));
		heaps->names[heaps->count] = xstrdup(entry->d_name);
		heaps->bytes[heaps->count++] = 0;
	}
	if (dir)
		closedir(dir);
}

/* Others than heaps export buffers that are counted elsewhere. */
static void add_buffer(struct heaps *heaps, const char *exporter,
		       uint64_t bytes)
{
	size_t i;

	for (i = 0; i < heaps->count; i++)
		if (!strcmp(heaps->names[i], exporter))
			heaps->bytes[i] += bytes;
}

/* Of a heap, only the sum is used; recorded as if it were one buffer. */
static void note_heap(const char *name, size_t nr, uint64_t bytes)
{
	static const char buffers[] = "sys/kernel/dmabuf/buffers";
	char *path, *text;

	if (!note_record || !bytes)
		return;
	path = xasprintf("dev/dma_heap/%s", name);
	note_text(path, "");
	free(path);
	path = xasprintf("%s/%zu/exporter_name", buffers, nr + 1);
	text = xasprintf("%s\n", name);
	note_text(path, text);
	free(text);
	free(path);
	path = xasprintf("%s/%zu/size", buffers, nr + 1);
	text = xasprintf("%" PRIu64 "\n", bytes);
	note_text(path, text);
	free(text);
	free(path);
}

/* /sys/kernel/dmabuf/buffers/INODE, where the kernel is built to have it. */
static bool read_sysfs(struct heaps *heaps)
{
	static const char path[] = "sys/kernel/dmabuf/buffers";
	DIR *dir = beside_dir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char *name, exporter[100];
		FILE *file;

		if (!isdigit(*entry->d_name))
			continue;
		name = xasprintf("%s/%s/exporter_name", path, entry->d_name);
		file = beside_file(name);
		free(name);
		if (!file)
			continue;
		if (fgets(exporter, sizeof(exporter), file)) {
			exporter[strcspn(exporter, "\n")] = '\0';
			add_buffer(heaps, exporter,
				   ask_number(path, entry->d_name, "size"));
		}
		fclose(file);
	}
	if (dir)
		closedir(dir);
	return dir;
}

static void give_up(int signal)
{
	(void)signal;
}

/* A field of at least so many digits, and a tab behind it; NULL if it is none. */
static const char *skip_field(const char *line)
{
	size_t digits = strspn(line, "0123456789abcdef");

	return digits >= 8 && line[digits] == '\t' ? line + digits + 1 : NULL;
}

/*
 * "size flags mode count exporter inode name". The name is the users' choice, and
 * may have a line's end in it, but at most 31 bytes: less than the fields before
 * the exporter's have.
 */
static void add_line(struct heaps *heaps, char *line)
{
	const char *at = line;
	size_t fields;

	for (fields = 0; at && fields < 4; fields++)
		at = skip_field(at);
	if (!at || !strchr(at, '\t'))
		return;
	*strchr(at, '\t') = '\0';
	add_buffer(heaps, at, strtoull(line, NULL, 10));
}

/* It waits for each buffer's lock, which a GPU that hangs may keep. */
static void read_debugfs(struct heaps *heaps)
{
	struct sigaction action = { .sa_handler = give_up }, old;
	char *line = NULL;
	size_t room = 0;
	FILE *file;

	sigaction(SIGALRM, &action, &old);
	alarm(MAX_SECONDS);
	file = beside_file("sys/kernel/debug/dma_buf/bufinfo");
	while (file && xgetline(&line, &room, file) > 0)
		add_line(heaps, line);
	alarm(0);
	sigaction(SIGALRM, &old, NULL);
	free(line);
	if (file)
		fclose(file);
}

static void find_heaps(void)
{
	struct heaps heaps = {};
	size_t i;

	find_heap_names(&heaps);
	if (heaps.count && !read_sysfs(&heaps))
		read_debugfs(&heaps);
	for (i = 0; i < heaps.count; i++) {
		char *name = escape_text(heaps.names[i],
					 strlen(heaps.names[i]));

		note_heap(heaps.names[i], i, heaps.bytes[i]);
		add_place(xasprintf("dma-buf heap %s", name), heaps.bytes[i], 0,
			  true);
		free(name);
		free(heaps.names[i]);
	}
	free(heaps.names);
	free(heaps.bytes);
}

/**
 * struct usage - what a process has by a GPU driver, in one sort of memory
 * @pid: the process
 * @comm: its name, as tables have names
 * @driver: the driver
 * @region: its name for the memory
 * @total: bytes of its buffers
 * @resident: those that are there
 * @no_resident: whether that is unknown
 */
struct usage {
	int pid;
	char *comm;
	char *driver;
	char *region;
	uint64_t total;
	uint64_t resident;
	bool no_resident;
};

/**
 * struct search - what was found so far
 * @list: usages
 * @count: how many
 * @room: how many there is room for
 * @first: of the process that is read
 * @texts: what tells clients from each other
 * @clients: those that were counted, as numbers of these
 * @fds: descriptors looked at
 */
struct search {
	struct usage *list;
	size_t count;
	size_t room;
	size_t first;
	struct pool texts;
	struct set clients;
	size_t fds;
};

/**
 * struct region - what one descriptor tells of one sort of memory
 * @name: its name
 * @total: bytes
 * @resident: bytes
 * @has_total: whether that was told
 * @has_resident: whether that was told
 */
struct region {
	char name[40];
	uint64_t total;
	uint64_t resident;
	bool has_total;
	bool has_resident;
};

/**
 * struct client - what one descriptor tells
 * @driver: the driver
 * @device: the device, which @id is one of
 * @id: the client
 * @regions: sorts of memory
 * @count: how many
 */
struct client {
	char driver[40];
	char device[40];
	char id[24];
	struct region regions[MAX_REGIONS];
	size_t count;
};

/* A number of bytes, KiB or MiB. */
static uint64_t parse_bytes(const char *text)
{
	char *end;
	uint64_t number = strtoull(text, &end, 10);

	if (!strncmp(end, " KiB", 4))
		return number << 10;
	return strncmp(end, " MiB", 4) ? number : number << 20;
}

static struct region *find_region(struct client *client, const char *name,
				  size_t length)
{
	size_t i;

	if (!length || length >= sizeof(client->regions[0].name))
		return NULL;
	for (i = 0; i < client->count; i++)
		if (!strncmp(client->regions[i].name, name, length) &&
		    !client->regions[i].name[length])
			return &client->regions[i];
	if (client->count == MAX_REGIONS)
		return NULL;
	memcpy(client->regions[client->count].name, name, length);
	return &client->regions[client->count++];
}

static void take_text(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text);
	to[strcspn(to, "\n")] = '\0';
}

/* drm-KEY: VALUE, see Documentation/gpu/drm-usage-stats.rst of the kernel. */
static void take_line(struct client *client, const char *line)
{
	static const char total[] = "drm-total-", resident[] = "drm-resident-";
	size_t length = strcspn(line, ":");
	const char *value = line + length + (line[length] == ':');
	struct region *region;

	value += strspn(value, " \t");
	if (!strncmp(line, "drm-driver:", 11)) {
		take_text(client->driver, sizeof(client->driver), value);
	} else if (!strncmp(line, "drm-pdev:", 9)) {
		take_text(client->device, sizeof(client->device), value);
	} else if (!strncmp(line, "drm-client-id:", 14)) {
		take_text(client->id, sizeof(client->id), value);
	} else if (!strncmp(line, total, strlen(total)) &&
		   /* A clock of an engine. */
		   strncmp(line, "drm-total-cycles-", 17)) {
		region = find_region(client, line + strlen(total),
				     length - strlen(total));
		if (region) {
			region->total = parse_bytes(value);
			region->has_total = true;
		}
	} else if (!strncmp(line, resident, strlen(resident))) {
		region = find_region(client, line + strlen(resident),
				     length - strlen(resident));
		if (region) {
			region->resident = parse_bytes(value);
			region->has_resident = true;
		}
	}
}

/* Descriptors that were passed on or duplicated are one client. */
static bool is_new(struct search *search, const struct client *client)
{
	char *text;
	uint32_t nr;

	if (!*client->driver || !*client->id)
		return false;
	text = xasprintf("%s %s", client->device, client->id);
	nr = pool_add(&search->texts, text, strlen(text));
	free(text);
	return set_add(&search->clients, nr);
}

static struct usage *find_usage(struct search *search, int pid,
				const char *driver, const char *region)
{
	struct usage *usage;
	size_t i;

	for (i = search->first; i < search->count; i++)
		if (!strcmp(search->list[i].driver, driver) &&
		    !strcmp(search->list[i].region, region))
			return &search->list[i];
	search->list = xgrow(search->list, search->count, &search->room,
			     sizeof(*search->list));
	usage = &search->list[search->count++];
	*usage = (struct usage){
		.pid = pid,
		.driver = xstrdup(driver),
		.region = xstrdup(region),
	};
	return usage;
}

static void add_client(struct search *search, int pid,
		       const struct client *client)
{
	char *driver = escape_text(client->driver, strlen(client->driver));
	size_t i;

	for (i = 0; i < client->count; i++) {
		const struct region *region = &client->regions[i];
		struct usage *usage;
		char *name;

		if (!region->has_total || !region->total)
			continue;
		name = escape_text(region->name, strlen(region->name));
		usage = find_usage(search, pid, driver, name);
		usage->total += region->total;
		usage->resident += region->resident;
		usage->no_resident |= !region->has_resident;
		free(name);
	}
	free(driver);
}

/* What an engine did: it goes on all the time. */
static bool is_clock(const char *line)
{
	return !strncmp(line, "drm-engine-", 11) ||
	       !strncmp(line, "drm-cycles-", 11) ||
	       !strncmp(line, "drm-total-cycles-", 17);
}

static bool is_drm(int dir, const char *fd)
{
	char link[32];
	ssize_t length = readlinkat(dir, fd, link, sizeof(link) - 1);

	return length > 9 && !strncmp(link, "/dev/dri/", 9);
}

static bool add_fd(void *context, const struct process *process, int dir,
		   const char *fd)
{
	struct search *search = context;
	struct client client = {};
	size_t lines = 0, length;
	char *name, *text, line[200];
	FILE *file, *used;

	if (search->fds >= MAX_FDS)
		return false;
	search->fds++;
	if (!is_drm(dir, fd))
		return true;
	name = xasprintf("fdinfo/%s", fd);
	file = process_file(process, name);
	free(name);
	used = xmemstream(&text, &length);
	while (file && lines++ < MAX_LINES && fgets(line, sizeof(line), file)) {
		take_line(&client, line);
		if (!strncmp(line, "drm-", 4) && !is_clock(line))
			fputs(line, used);
	}
	xfclose(used);
	process_note_fd(process, fd, "/dev/dri/card0", text);
	free(text);
	if (file)
		fclose(file);
	if (is_new(search, &client))
		add_client(search, atoi(process->pid), &client);
	return true;
}

static void add_process(void *context, const char *pid)
{
	struct search *search = context;
	struct process process;
	size_t i;

	if (!process_open(&process, pid))
		return;
	search->first = search->count;
	process_each_fd(&process, add_fd, search);
	for (i = search->first; i < search->count; i++)
		search->list[i].comm = process_comm(&process);
	process_close(&process);
}

static int by_total(const void *a, const void *b)
{
	const struct usage *x = a, *y = b;

	return (x->total < y->total) - (x->total > y->total) ?:
	       (x->pid > y->pid) - (x->pid < y->pid) ?:
	       strcmp(x->region, y->region);
}

/* Without a GPU, no descriptor is looked at. */
static bool has_gpu(void)
{
	DIR *dir = beside_dir("sys/class/drm");
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir)))
		found = !strncmp(entry->d_name, "card", 4) ||
			!strncmp(entry->d_name, "render", 6);
	if (found)
		note_text("sys/class/drm/card0/", "");
	if (dir)
		closedir(dir);
	return found;
}

static int by_bytes(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->bytes < y->bytes) - (x->bytes > y->bytes) ?:
	       strcmp(x->what, y->what);
}

COLUMN_GET(place, what, text, place->what)
COLUMN_GET(place, bytes, number, place->bytes)

static struct value get_unused(const struct column *column, const void *all,
			       const void *thing)
{
	const struct place *place = thing;

	(void)column;
	(void)all;
	return (struct value){ .none = place->no_unused,
			       .number = place->unused };
}

static const struct column place_columns[] = {
	{ "SIZE", "how much", SIZE, get_bytes },
	{ "UNUSED", "of that", SIZE, get_unused },
	{ "WHAT", "where it is", NAME, get_what },
	{}
};

COLUMN_GET(usage, pid, number, usage->pid)
COLUMN_GET(usage, comm, text, usage->comm)
COLUMN_GET(usage, driver, text, usage->driver)
COLUMN_GET(usage, region, text, usage->region)
COLUMN_GET(usage, total, number, usage->total)

static struct value get_resident(const struct column *column, const void *all,
				 const void *thing)
{
	const struct usage *usage = thing;

	(void)column;
	(void)all;
	return (struct value){ .none = usage->no_resident,
			       .number = usage->resident };
}

static const struct column usage_columns[] = {
	{ "TOTAL", "of its buffers", SIZE, get_total },
	{ "RESIDENT", "of that in memory", SIZE, get_resident },
	{ "REGION", "which memory, in the driver's words", TEXT, get_region },
	{ "DRIVER", "the driver", TEXT, get_driver },
	{ "PID", "process", NUMBER, get_pid },
	{ "COMMAND", "its name", NAME, get_comm },
	{}
};

/* In a sentence, to people. */
static void print_sentence(const struct output *output)
{
	char **parts = xcalloc(place_count, sizeof(*parts));
	size_t i;

	for (i = 0; i < place_count; i++) {
		char *what = name_text(places[i].what);
		char *bytes = output_amount(output, places[i].bytes);
		char *unused = output_amount(output, places[i].unused);

		parts[i] = places[i].no_unused ?
			   xasprintf("%s %s", what, bytes) :
			   xasprintf("%s %s (%s unused)", what, bytes, unused);
		free(what);
		free(bytes);
		free(unused);
	}
	if (place_count)
		output_sentence(output, "Not in Shmem:", parts, place_count);
	free(parts);
}

/* What processes have of GPU memory, until it is printed. */
static struct search search;
static const char gpu_title[] =
	"GPU memory by process; that of some drivers is in Shmem, as kind gpu:";

/**
 * elsewhere_find - find what Shmem does not count
 * @processes: how many have GPU memory
 *
 * Return: whether there is anything else. elsewhere_print() has to follow.
 */
bool elsewhere_find(size_t *processes)
{
	find_hugetlb();
	find_gpu();
	find_heaps();
	if (place_count)
		qsort(places, place_count, sizeof(*places), by_bytes);
	if (has_gpu())
		process_each(add_process, &search);
	if (search.count)
		qsort(search.list, search.count, sizeof(*search.list),
		      by_total);
	*processes = search.count;
	return place_count;
}

/**
 * elsewhere_print - write what was found
 * @output: in which form; as a table, only what there is
 * @shown: how many processes
 */
void elsewhere_print(const struct output *output, size_t shown)
{
	bool table = output->form == AS_TABLE;
	size_t i;

	if (!table)
		output_array(output, "elsewhere", place_columns, places,
			     place_count, sizeof(*places));
	if (table && shown)
		output_line(output, PAINT_BOLD, xstrdup(gpu_title));
	if (!table || shown)
		output_array(output, "gpu_processes", usage_columns,
			     search.list, shown, sizeof(*search.list));
	if (table)
		print_sentence(output);
	for (i = 0; i < place_count; i++)
		free(places[i].what);
	free(places);
	for (i = 0; i < search.count; i++) {
		free(search.list[i].comm);
		free(search.list[i].driver);
		free(search.list[i].region);
	}
	free(search.list);
	pool_free(&search.texts);
	set_free(&search.clients);
}
