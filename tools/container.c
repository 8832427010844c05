// SPDX-License-Identifier: GPL-2.0
/*
 * Names of containers and pods, from the files that their runtimes leave on the
 * machine; no daemon is asked. Which they are follows from the path of a cgroup:
 * the outermost directory that is called after a container's id.
 *
 * Who may create cgroups may call them after any container. So it is the owner of
 * the directory above, who can have created it, whose files are believed: those
 * of root's runtimes, or those in a user's home. Nor can a name look like that of
 * another runtime or user: what separates the parts of a name is escaped in them.
 */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beside.h"
#include "container.h"
#include "files.h"
#include "hash.h"
#include "moment.h"
#include "note.h"
#include "set.h"
#include "text.h"
#include "users.h"
#include "xalloc.h"

/* Digits of a container's id, and of a pod's with and without hyphens. */
#define ID_LENGTH	64
#define UID_LENGTH	36
#define SHORT_UID	32

/* The longest name: Kubernetes' and Docker's have up to 253 bytes. */
#define MAX_NAME	255

/* Bytes of files; one that says more than that is no such file. */
#define MAX_CONFIG	0x100000
#define MAX_STORAGE	0x1000000
#define MAX_OF_USER	0x80000

/* Homes that are opened, and containers that are remembered. */
#define MAX_USERS	100
#define MAX_CONTAINERS	100000

/**
 * struct found - what a path leads to
 * @id: the container's id, or empty
 * @pod: the pod's UID with hyphens, or empty
 * @id_at: where the directory of that name is in the path
 * @pod_at: where the pod's is
 */
struct found {
	char id[ID_LENGTH + 1];
	char pod[UID_LENGTH + 1];
	size_t id_at;
	size_t pod_at;
};

static bool is_hex(const char *text, size_t length)
{
	return strspn(text, "0123456789abcdef") >= length;
}

/* ID, docker-ID.scope, libpod-ID and so on, but not its monitor's cgroup. */
static bool find_id(const char *name, size_t length, char *id)
{
	const char *start;

	length = stem_length(name, length, ".scope");
	if (length < ID_LENGTH)
		return false;
	start = name + length - ID_LENGTH;
	if (!is_hex(start, ID_LENGTH) ||
	    (start > name && is_hex(start - 1, 1)) ||
	    memmem(name, length, "conmon", 6))
		return false;
	memcpy(id, start, ID_LENGTH);
	id[ID_LENGTH] = '\0';
	return true;
}

/* A UUID, in which systemd's slices have "_" for "-"; or digits alone. */
static bool read_uid(const char *text, size_t length, char *uid)
{
	size_t i;

	if (length != UID_LENGTH && length != SHORT_UID)
		return false;
	for (i = 0; i < length; i++) {
		bool hyphen = length == UID_LENGTH &&
			      (i == 8 || i == 13 || i == 18 || i == 23);

		if (hyphen ? text[i] != '-' && text[i] != '_' :
			     !is_hex(text + i, 1))
			return false;
	}
	for (i = 0; i < length; i++)
		uid[i] = text[i] == '_' ? '-' : text[i];
	uid[length] = '\0';
	return true;
}

/* podUID, kubepods-burstable-podUID.slice */
static bool find_pod(const char *name, size_t length, char *uid)
{
	const char *start = name;
	const char *end = name + stem_length(name, length, ".slice");

	while ((start = memmem(start, end - start, "pod", 3))) {
		start += 3;
		if ((start == name + 3 || start[-4] == '-') &&
		    read_uid(start, end - start, uid))
			return true;
	}
	return false;
}

/* Returns whether there is something to be found; @mount: of a mount point. */
static bool find(const char *path, struct found *found, bool mount)
{
	size_t at = 0, length, last = 0;

	*found = (struct found){};
	while (path[at] == '/') {
		const char *name = path + ++at;

		length = strcspn(name, "/");
		if (find_id(name, length, found->id)) {
			found->id_at = at;
			break;
		}
		if (mount && last == 4 && !strncmp(name - 5, "pods/", 5) &&
		    read_uid(name, length, found->pod))
			found->pod_at = at;
		if (!mount && find_pod(name, length, found->pod))
			found->pod_at = at;
		last = length;
		at += length;
	}
	return *found->id || *found->pod;
}

/* What is escaped already, without what separates parts; to be freed. */
static char *seal(const char *escaped)
{
	char *text = xmalloc(4 * strlen(escaped) + 1), *out = text;

	for (; *escaped; escaped++)
		out += sprintf(out, strchr("/:", *escaped) ? "\\%03o" : "%c",
			       (unsigned char)*escaped);
	*out = '\0';
	return text;
}

/* A part of a name, to be freed; NULL if it is none. */
static char *part(const char *raw)
{
	size_t length = raw ? strlen(raw) : 0;
	char *escaped, *text;

	if (!length || length > MAX_NAME)
		return NULL;
	escaped = escape_text(raw, length);
	text = seal(escaped);
	free(escaped);
	return text;
}

/* RUNTIME:NAME, or RUNTIME:USER/NAME; NULL if there is no name. */
static char *label(const char *runtime, const char *user, const char *name)
{
	char *text, *whose, *last = part(name);

	if (!last)
		return NULL;
	whose = user ? seal(user) : NULL;
	text = xasprintf("%s:%s%s%s", runtime, whose ?: "", whose ? "/" : "",
			 last);
	free(whose);
	free(last);
	return text;
}

/* k8s:NAMESPACE/POD/CONTAINER, or without the last; NULL if one is missing. */
static char *pod_label(const char *namespace, const char *pod,
		       const char *container)
{
	/* The one that holds its namespaces is called so, and no other is. */
	bool whole = !container || !strcmp(container, "POD");
	char *a = part(namespace), *b = part(pod);
	char *c = whole ? NULL : part(container), *text = NULL;

	if (a && b)
		text = xasprintf("k8s:%s/%s%s%s", a, b, c ? "/" : "", c ?: "");
	free(a);
	free(b);
	free(c);
	return text;
}

/* What is used of files, in which there may also be passwords. */
static bool is_used(const char *key)
{
	static const char *const used[] = {
		"Config", "Labels", "Name", "annotations", "data-root", "id",
		"io.kubernetes.container.name",
		"io.kubernetes.cri.container-name",
		"io.kubernetes.cri.sandbox-name",
		"io.kubernetes.cri.sandbox-namespace",
		"io.kubernetes.pod.name", "io.kubernetes.pod.namespace",
		"metadata", "names", "nerdctl/name", "pod-name", NULL
	};

	return is_one_of(key, used);
}

static json_t *used_part(const json_t *json);

/* A text that is JSON itself is of CRI-O. */
static json_t *used_value(const char *key, const json_t *value)
{
	json_t *inner, *part;
	char *text;

	if (strcmp(key, "metadata"))
		return used_part(value);
	inner = json_loads(json_string_value(value) ?: "", 0, NULL);
	part = used_part(inner);
	json_decref(inner);
	text = part ? json_dumps(part, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	json_decref(part);
	part = text ? json_string(text) : NULL;
	free(text);
	return part;
}

static json_t *used_part(const json_t *json)
{
	const char *key;
	json_t *part, *value;
	size_t nr;

	if (json_is_string(json))
		return json_copy((json_t *)json);
	if (json_is_array(json)) {
		part = xcheck(json_array());
		json_array_foreach(json, nr, value)
			json_array_append_new(part, used_part(value));
		return part;
	}
	if (!json_is_object(json))
		return NULL;
	part = xcheck(json_object());
	json_object_foreach((json_t *)json, key, value)
		if (is_used(key))
			json_object_set_new(part, key, used_value(key, value));
	return part;
}

static void note_json(int dir, const char *path, const json_t *json)
{
	json_t *part = note_record ? used_part(json) : NULL;
	char *text;

	if (!part)
		return;
	text = json_dumps(part, JSON_COMPACT | JSON_SORT_KEYS);
	if (text)
		files_note(dir, path, text);
	free(text);
	json_decref(part);
}

static json_t *read_json(int dir, const char *path, uid_t owner, size_t max)
{
	size_t length;
	char *text = files_read(dir, path, owner, max, &length);
	json_t *json = text ? json_loadb(text, length, 0, NULL) : NULL;

	free(text);
	note_json(dir, path, json);
	return json;
}

/* NULL where there is no such text. */
static const char *json_text(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

/* What a file of the administrator's says, to be freed; NULL for nothing. */
static char *setting(const char *dir, const char *file,
		     char *(*read)(char *text, size_t length, const char *key),
		     const char *key)
{
	int base = files_open(dir, false);
	char *text, *value = NULL;
	size_t length;

	if (base < 0)
		return NULL;
	text = files_read(base, file, root_owner(), MAX_CONFIG, &length);
	if (text)
		value = read(text, length, key);
	close(base);
	free(text);
	if (value && *value != '/') {
		free(value);
		value = NULL;
	}
	return value;
}

static char *find_in_json(char *text, size_t length, const char *key)
{
	json_t *json = json_loadb(text, length, 0, NULL);
	const char *value = json_text(json, key);
	char *copy = value ? xstrdup(value) : NULL;

	json_decref(json);
	return copy;
}

/* The first KEY = "VALUE" of a line of its own. */
static char *find_in_toml(char *text, size_t length, const char *key)
{
	char *line, *rest = text, *start, *end;

	text[length - 1] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		line += strspn(line, " \t");
		if (strncmp(line, key, strlen(key)))
			continue;
		line += strlen(key);
		start = line + strspn(line, " \t");
		if (*start++ != '=')
			continue;
		start += strspn(start, " \t");
		end = *start == '"' ? strchr(start + 1, '"') : NULL;
		if (end)
			return xstrndup(start + 1, end - start - 1);
	}
	return NULL;
}

/* Docker: containers/ID/config.v2.json */
static char *from_docker(int dir, const char *id, uid_t owner, const char *user)
{
	char *path = xasprintf("%s/config.v2.json", id), *text;
	json_t *json = read_json(dir, path, owner, user ? MAX_OF_USER :
				 MAX_CONFIG);
	const json_t *labels = json_object_get(json_object_get(json, "Config"),
					       "Labels");
	const char *name = json_text(json, "Name");

	text = user ? NULL :
	       pod_label(json_text(labels, "io.kubernetes.pod.namespace"),
			 json_text(labels, "io.kubernetes.pod.name"),
			 json_text(labels, "io.kubernetes.container.name"));
	if (!text)
		text = label("docker", user, name && *name == '/' ? name + 1 :
			     name);
	json_decref(json);
	free(path);
	return text;
}

/* The one setting that is used. */
static void note_root(const char *root)
{
	json_t *json = root && note_record ?
		       json_pack("{ss}", "data-root", root) : NULL;
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	if (text)
		note_text("etc/docker/daemon.json", text);
	free(text);
	json_decref(json);
}

static char *ask_docker(const char *id)
{
	static bool opened;
	static int dir;

	if (!opened) {
		char *root = setting("/etc/docker", "daemon.json", find_in_json,
				     "data-root");
		char *path = xasprintf("%s/containers",
				       root ?: "/var/lib/docker");

		note_root(root);
		dir = files_open(path, false);
		free(path);
		free(root);
	}
	opened = true;
	return dir < 0 ? NULL : from_docker(dir, id, root_owner(), NULL);
}

/* Names from directories that kubelet makes, which others' files may lack. */
struct log_name {
	char *key;
	char *namespace;
	char *pod;
	char *container;
};

static struct log_name *log_names;
static size_t log_count, log_room;
static struct hash by_log;

static const struct log_name *find_log(const char *key)
{
	uint32_t short_key = hash_bytes(key, strlen(key)), nr;
	size_t at;

	for (at = hash_first(&by_log, short_key); hash_used(&by_log, at);
	     at = hash_next(&by_log, at))
		if (hash_nr(&by_log, at, short_key, &nr) &&
		    !strcmp(log_names[nr].key, key))
			return &log_names[nr];
	return NULL;
}

static void add_log(const char *key, size_t length, const char *namespace,
		    size_t namespace_length, const char *pod,
		    size_t pod_length, const char *container,
		    size_t container_length)
{
	struct log_name *log;

	log_names = xgrow(log_names, log_count, &log_room, sizeof(*log_names));
	log = &log_names[log_count];
	*log = (struct log_name){
		.key = xstrndup(key, length),
		.namespace = xstrndup(namespace, namespace_length),
		.pod = xstrndup(pod, pod_length),
		.container = container ? xstrndup(container, container_length) :
			     NULL,
	};
	hash_add(&by_log, hash_bytes(log->key, length), log_count++);
}

/* NAMESPACE_POD_UID; none of them has a "_" in it. */
static void add_pod_log(void *context, const char *name)
{
	const char *pod = strchr(name, '_');
	const char *uid = pod ? strchr(pod + 1, '_') : NULL;

	(void)context;
	if (uid && !strchr(uid + 1, '_'))
		add_log(uid + 1, strlen(uid + 1), name, pod - name, pod + 1,
			uid - pod - 1, NULL, 0);
}

/* POD_NAMESPACE_CONTAINER-ID.log; a name that is too long for it lacks the id. */
static void add_container_log(void *context, const char *name)
{
	size_t length = strlen(name), tail = ID_LENGTH + strlen("-.log");
	const char *namespace = strchr(name, '_'), *container, *id;

	(void)context;
	container = namespace ? strchr(namespace + 1, '_') : NULL;
	if (!container || length < tail || name + length - tail <= container)
		return;
	id = name + length - tail + 1;
	if (id[-1] == '-' && is_hex(id, ID_LENGTH) &&
	    !strcmp(id + ID_LENGTH, ".log"))
		add_log(id, ID_LENGTH, namespace + 1,
			container - namespace - 1, name, namespace - name,
			container + 1, id - container - 2);
}

static const struct log_name *ask_logs(const char *key)
{
	static bool read;

	if (!read) {
		files_each("/var/log/pods", add_pod_log, NULL);
		files_each("/var/log/containers", add_container_log, NULL);
	}
	read = true;
	return find_log(key);
}

/* The annotations that containerd and CRI-O give to what is of a pod. */
static char *from_annotations(const json_t *json, const struct found *found)
{
	const json_t *notes = json_object_get(json, "annotations");
	const char *namespace, *pod, *container;
	const struct log_name *log;

	namespace = json_text(notes, "io.kubernetes.cri.sandbox-namespace") ?:
		    json_text(notes, "io.kubernetes.pod.namespace");
	pod = json_text(notes, "io.kubernetes.cri.sandbox-name") ?:
	      json_text(notes, "io.kubernetes.pod.name");
	container = json_text(notes, "io.kubernetes.cri.container-name") ?:
		    json_text(notes, "io.kubernetes.container.name");
	/* Of a container, containerd tells it since 1.5. */
	log = *found->pod && container && (!namespace || !pod) ?
	      ask_logs(found->pod) : NULL;
	if (log)
		return pod_label(log->namespace, log->pod, container);
	return pod_label(namespace, pod, container) ?:
	       label("nerdctl", NULL, json_text(notes, "nerdctl/name"));
}

static char *from_bundle(int dir, const char *path, const struct found *found)
{
	json_t *json = read_json(dir, path, root_owner(), MAX_CONFIG);
	char *text = from_annotations(json, found);

	json_decref(json);
	return text;
}

/* Directories of containerd's namespaces. */
static int *namespaces;
static size_t namespace_count, namespace_room;

static void add_namespace(void *context, const char *name)
{
	char *path = xasprintf("%s/%s", (const char *)context, name);
	int dir = files_open(path, false);

	free(path);
	if (dir < 0)
		return;
	namespaces = xgrow(namespaces, namespace_count, &namespace_room,
			   sizeof(*namespaces));
	namespaces[namespace_count++] = dir;
}

/* containerd: NAMESPACE/ID/config.json */
static char *ask_containerd(const struct found *found)
{
	static const char *const states[] = {
		"/run/containerd", "/run/k3s/containerd", "/run/k0s/containerd",
		"/var/snap/microk8s/common/run/containerd", NULL
	};
	static bool opened;
	char *path, *text = NULL;
	size_t i;

	for (i = 0; !opened && states[i]; i++) {
		path = xasprintf("%s/io.containerd.runtime.v2.task", states[i]);
		files_each(path, add_namespace, path);
		free(path);
	}
	opened = true;
	path = xasprintf("%s/config.json", found->id);
	for (i = 0; !text && i < namespace_count; i++)
		text = from_bundle(namespaces[i], path, found);
	free(path);
	return text;
}

/**
 * struct stored - a container that Podman's storage lists
 * @owner: whose storage
 * @id: its id
 * @label: what it is called
 */
struct stored {
	uid_t owner;
	char *id;
	char *label;
};

static struct stored *stored;
static size_t stored_count, stored_room;
static struct hash by_id;

static char *ask_stored(const char *id, uid_t owner)
{
	uint32_t key = hash_bytes(id, ID_LENGTH), nr;
	size_t at;

	for (at = hash_first(&by_id, key); hash_used(&by_id, at);
	     at = hash_next(&by_id, at))
		if (hash_nr(&by_id, at, key, &nr) &&
		    stored[nr].owner == owner && !strcmp(stored[nr].id, id))
			return xstrdup(stored[nr].label);
	return NULL;
}

static void add_stored(const json_t *json, uid_t owner, const char *user)
{
	const json_t *names = json_object_get(json, "names");
	const char *id = json_text(json, "id"), *metadata;
	json_t *more;
	char *text;

	if (!id || strlen(id) != ID_LENGTH || !is_hex(id, ID_LENGTH) ||
	    stored_count >= MAX_CONTAINERS)
		return;
	/* CRI-O keeps its containers in the same place. */
	metadata = json_text(json, "metadata");
	more = metadata && !user ? json_loads(metadata, 0, NULL) : NULL;
	text = label(json_text(more, "pod-name") ? "crio" : "podman", user,
		     json_string_value(json_array_get(names, 0)));
	json_decref(more);
	if (!text)
		return;
	stored = xgrow(stored, stored_count, &stored_room, sizeof(*stored));
	stored[stored_count] = (struct stored){ owner, xstrdup(id), text };
	hash_add(&by_id, hash_bytes(id, ID_LENGTH), stored_count++);
}

/* DRIVER-containers/containers.json, and that of those run with --rm. */
static void read_storage(int dir, const char *below, uid_t owner,
			 const char *user)
{
	static const char *const drivers[] = { "overlay", "vfs", "btrfs",
					       "zfs", NULL };
	size_t i, nr;

	for (i = 0; drivers[i]; i++) {
		for (nr = 0; nr < 2; nr++) {
			char *path = xasprintf("%s%s-containers/%scontainers.json",
					       below, drivers[i],
					       nr ? "volatile-" : "");
			json_t *json = read_json(dir, path, owner, user ?
						 MAX_OF_USER : MAX_STORAGE);
			json_t *one;
			size_t at;

			json_array_foreach(json, at, one)
				add_stored(one, owner, user);
			json_decref(json);
			free(path);
		}
	}
}

/* The settings that are used. */
static void note_places(const char *graph, const char *run)
{
	char *text;

	if (!graph && !run)
		return;
	text = xasprintf("%s%s%s%s%s%s",
			 graph ? "graphroot = \"" : "", graph ?: "",
			 graph ? "\"\n" : "", run ? "runroot = \"" : "",
			 run ?: "", run ? "\"\n" : "");
	note_text("etc/containers/storage.conf", text);
	free(text);
}

/* CRI-O: overlay-containers/ID/userdata/config.json; Podman: its storage. */
static char *ask_storage(const struct found *found)
{
	static int graph = -1, run = -1;
	static bool opened;
	char *path, *text = NULL;

	if (!opened) {
		char *graph_path, *run_path;

		graph_path = setting("/etc/containers", "storage.conf",
				     find_in_toml, "graphroot");
		run_path = setting("/etc/containers", "storage.conf",
				   find_in_toml, "runroot");
		graph = files_open(graph_path ?: "/var/lib/containers/storage",
				   false);
		run = files_open(run_path ?: "/run/containers/storage", false);
		note_places(graph_path, run_path);
		free(graph_path);
		free(run_path);
		if (graph >= 0)
			read_storage(graph, "", root_owner(), NULL);
		if (run >= 0)
			read_storage(run, "", root_owner(), NULL);
	}
	opened = true;
	path = xasprintf("overlay-containers/%s/userdata/config.json",
			 found->id);
	if (run >= 0)
		text = from_bundle(run, path, found);
	if (!text && graph >= 0)
		text = from_bundle(graph, path, found);
	free(path);
	return text ?: ask_stored(found->id, root_owner());
}

/* A container that one of root's runtimes runs. */
static char *ask_root(const struct found *found)
{
	char *text = ask_docker(found->id);
	const struct log_name *log;

	if (!text)
		text = ask_containerd(found);
	if (!text)
		text = ask_storage(found);
	if (text)
		return text;
	log = ask_logs(found->id);
	return log ? pod_label(log->namespace, log->pod, log->container) : NULL;
}

/* The home of a user, opened once; -1 if it cannot be, or there are too many. */
static int open_home(uid_t uid)
{
	static struct set uids;
	static int homes[MAX_USERS];
	size_t nr = set_find(&uids, uid);
	char *id, *path;

	if (nr != NOT_FOUND)
		return homes[nr];
	nr = uids.count;
	if (nr == MAX_USERS)
		return -1;
	set_add(&uids, uid);
	id = xasprintf("%u", uid);
	path = user_home(id);
	homes[nr] = path && *path == '/' ? files_open(path, true) : -1;
	if (homes[nr] >= 0)
		read_storage(homes[nr], ".local/share/containers/storage/", uid,
			     user_name(id));
	free(path);
	free(id);
	return homes[nr];
}

/* A container that a user runs, of whose files nothing else is believed. */
static char *ask_user(const char *id, uid_t uid)
{
	int home = open_home(uid);
	char *whose, *text, *path;

	if (home < 0)
		return NULL;
	text = ask_stored(id, uid);
	if (text)
		return text;
	whose = xasprintf("%u", uid);
	path = xasprintf(".local/share/docker/containers/%s", id);
	text = from_docker(home, path, uid, user_name(whose));
	free(whose);
	free(path);
	return text;
}

/* Who owns a cgroup's directory; returns whether there is one. */
static bool cgroup_owner(const char *cgroup, size_t length, uid_t *owner)
{
	char *path = xstrndup(cgroup, length);
	bool found;
	struct stat st;

	found = beside_cgroup(path, &st) && S_ISDIR(st.st_mode);
	free(path);
	*owner = found ? st.st_uid : 0;
	return found;
}

static bool mount_owner_then(const char *path, uid_t *owner)
{
	char *whole = xasprintf("%s%s", root_dir, path);
	bool known = noted_owner(whole, owner);

	free(whole);
	return known;
}

/* The same of a directory that is no cgroup. */
static bool mount_owner(const char *target, size_t length, uid_t *owner)
{
	char *raw = unescape_text(xstrndup(target, length));
	struct statx st;
	int fd = files_open(raw, true);
	bool found;

	found = fd >= 0 && !statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
				  STATX_UID, &st);
	if (fd >= 0)
		close(fd);
	*owner = found ? st.stx_uid : 0;
	if (found && moment_is_past())
		found = mount_owner_then(raw, owner);
	else if (found)
		note_owner(raw + 1, *owner);
	free(raw);
	return found;
}

static char *ask(const char *path, const struct found *found,
		 bool (*find_owner)(const char *path, size_t length,
				    uid_t *owner))
{
	const struct log_name *log;
	char *text = NULL;
	uid_t owner;

	if (*found->id && find_owner(path, found->id_at - 1, &owner))
		text = owner == root_owner() ? ask_root(found) :
		       ask_user(found->id, owner);
	if (text || !*found->pod ||
	    !find_owner(path, found->pod_at - 1, &owner) ||
	    owner != root_owner())
		return text;
	log = ask_logs(found->pod);
	return log ? pod_label(log->namespace, log->pod, NULL) : NULL;
}

/**
 * struct known - what was found out of a cgroup
 * @path: its path
 * @name: the container's name, or NULL
 * @label: what else it is called, or NULL if nobody asked
 */
struct known {
	char *path;
	char *name;
	char *label;
};

static struct known *known;
static size_t known_count, known_room;
static struct hash by_path;

static struct known *know(const char *path)
{
	uint32_t key = hash_bytes(path, strlen(path)), nr;
	struct known *new;
	struct found found;
	size_t at;

	for (at = hash_first(&by_path, key); hash_used(&by_path, at);
	     at = hash_next(&by_path, at))
		if (hash_nr(&by_path, at, key, &nr) &&
		    !strcmp(known[nr].path, path))
			return &known[nr];
	known = xgrow(known, known_count, &known_room, sizeof(*known));
	new = &known[known_count];
	*new = (struct known){ .path = xstrdup(path) };
	hash_add(&by_path, key, known_count++);
	if (find(path, &found, false))
		new->name = ask(path, &found, cgroup_owner);
	return new;
}

/**
 * container_name - what a container or a pod is called
 * @cgroup: the path of its cgroup, or of one below it
 *
 * Return: RUNTIME:NAME, RUNTIME:USER/NAME if a user runs it, or
 *	k8s:NAMESPACE/POD/CONTAINER; NULL if it is none that a file explains.
 */
const char *container_name(const char *cgroup)
{
	return know(cgroup)->name;
}

/**
 * container_group - the same, or RUNTIME:ID of a container that no file explains
 * @cgroup: the path of its cgroup, or of one below it
 *
 * Return: the name, or that with the short id, RUNTIME:USER/ID where a user can
 *	have called a cgroup so; until the next call. NULL if it is no container.
 */
const char *container_group(const char *cgroup)
{
	char *path, *called, *id, *runtime, *user;
	const char *name = container_name(cgroup);
	static char *text;
	struct found found;
	uid_t owner;

	if (name || !find(cgroup, &found, false) || !*found.id ||
	    !cgroup_owner(cgroup, found.id_at - 1, &owner))
		return name;
	path = xstrndup(cgroup, found.id_at +
			strcspn(cgroup + found.id_at, "/"));
	called = cgroup_text(path);
	id = strrchr(called, ':');
	free(text);
	text = NULL;
	if (id) {
		*id++ = '\0';
		runtime = seal(called);
		user = xasprintf("%u", owner);
		text = label(runtime, owner == root_owner() ? NULL :
			     user_name(user), id);
		free(user);
		free(runtime);
	}
	free(called);
	free(path);
	return text;
}

/**
 * container_of_mount - the same of a file system that a runtime mounted for it
 * @target: where, in our own mount namespace
 *
 * Return: the name, until the next call; NULL if it is none that a file explains.
 */
const char *container_of_mount(const char *target)
{
	static char *name;
	struct found found;

	free(name);
	name = find(target, &found, true) ? ask(target, &found, mount_owner) :
	       NULL;
	return name;
}

/* What a cgroup is called: as a container, or else by its path. */
const char *cgroup_name(const char *cgroup)
{
	struct known *this = know(cgroup);

	if (this->name)
		return this->name;
	if (!this->label)
		this->label = cgroup_text(cgroup);
	return this->label;
}

static bool ends_in(const char *name, size_t length, const char *suffix)
{
	return stem_length(name, length, suffix) < length;
}

/**
 * cgroup_unit - the unit of systemd that a cgroup is of
 * @cgroup: the path of its cgroup, or of one below it
 *
 * Return: a service or a scope; of a user's, behind the service that is the
 *	user's own systemd, such as user@1000.service/dbus.service; until the next
 *	call. NULL if there is none.
 */
const char *cgroup_unit(const char *cgroup)
{
	static char *unit;
	const char *name = cgroup;
	char *outer = NULL;

	free(unit);
	unit = NULL;
	while (*name == '/') {
		size_t length = strcspn(++name, "/");
		bool slice = ends_in(name, length, ".slice");

		/* What systemd would misread has a "_" before it. */
		if (!slice && (ends_in(name, length, ".service") ||
			       ends_in(name, length, ".scope"))) {
			size_t skip = *name == '_';

			free(outer);
			outer = unit;
			unit = xasprintf("%s%s%.*s", outer ?: "",
					 outer ? "/" : "", (int)(length - skip),
					 name + skip);
			if (outer || strncmp(unit, "user@", 5))
				break;
		} else if (!slice) {
			break;
		}
		name += length;
	}
	free(outer);
	return unit;
}
