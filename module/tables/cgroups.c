// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/cgroups: who is charged for each object's resident memory.
 */
#include <linux/cgroup.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/string.h>

#include "../pagecache.h"
#include "../table.h"
#include "views.h"

/**
 * struct payer - a cgroup that pays for some object
 * @cgroup: its inode number, 0 for nobody
 * @path: its path, or NULL
 * @next: for finding it by @cgroup
 * @row: what it pays for the object that is being walked; of another object
 *	or NULL if nothing so far
 */
struct payer {
	u64 cgroup;
	const char *path;
	u32 next;
	struct cgroups_row *row;
};

/**
 * struct cgroups_row - what one cgroup pays for one object
 * @id: the object
 * @object: how many objects were walked before
 * @resident: bytes
 * @payer: the cgroup
 */
struct cgroups_row {
	struct shmstat_id id;
	u32 object;
	u64 resident;
	const struct payer *payer;
};

/**
 * struct scratch - the payers of all objects
 * @snap: the snapshot
 * @payers: every &struct payer
 * @index: finds them by cgroup
 * @last: the one that paid for the last page, and mostly pays for the next
 * @id: the object that is being walked
 * @object: how many were walked before
 * @missing: whether a row is to be added for @cgroup, whose path is in
 *	&shmstat_snapshot.path where it never paid before
 * @cgroup: see @missing
 */
struct scratch {
	struct shmstat_snapshot *snap;
	struct shmstat_rows payers;
	struct shmstat_index index;
	struct payer *last;
	struct shmstat_id id;
	u32 object;
	bool missing;
	u64 cgroup;
};

static u32 hash_cgroup(u64 cgroup)
{
	return hash_64(cgroup, 32);
}

static u32 hash_payer(const void *row)
{
	const struct payer *payer = row;

	return hash_cgroup(payer->cgroup);
}

static bool match_payer(const void *row, const void *key)
{
	const struct payer *payer = row;

	return payer->cgroup == *(const u64 *)key;
}

static struct payer *find_payer(struct scratch *scratch, u64 cgroup)
{
	if (scratch->last && scratch->last->cgroup == cgroup)
		return scratch->last;
	return shmstat_index_find(&scratch->index, hash_cgroup(cgroup),
				  match_payer, &cgroup);
}

/* Called under RCU, which keeps the cgroup. */
static void read_path(char *path, const struct cgroup_subsys_state *css)
{
	path[0] = '\0';
	if (!css)
		return;
	cgroup_path(css->cgroup, path, PATH_MAX);
	/* As /proc/PID/cgroup names one that was removed. */
	if (!(css->cgroup->self.flags & CSS_ONLINE))
		strlcat(path, " (deleted)", PATH_MAX);
}

static __always_inline bool charge_entry(const struct shmstat_entry *entry,
					 void *arg)
{
	struct scratch *scratch = arg;
	struct cgroup_subsys_state *css;
	struct payer *payer;
	u64 cgroup;

	if (!entry->folio)
		return true;
	css = shmstat_folio_css(entry->folio);
	cgroup = css ? cgroup_ino(css->cgroup) : 0;
	payer = find_payer(scratch, cgroup);
	if (!payer || !payer->row || payer->row->object != scratch->object) {
		scratch->missing = true;
		scratch->cgroup = cgroup;
		if (!payer)
			read_path(scratch->snap->path, css);
		return false;
	}
	payer->row->resident += shmstat_entry_bytes(entry);
	scratch->last = payer;
	return true;
}

/* Makes room for what charge_entry() could not store under RCU. */
static int add_missing(void *arg)
{
	struct scratch *scratch = arg;
	struct shmstat_snapshot *snap = scratch->snap;
	struct payer *payer;

	/* Also called just to let others run. */
	if (!scratch->missing)
		return 0;
	scratch->missing = false;

	payer = find_payer(scratch, scratch->cgroup);
	if (!payer) {
		payer = shmstat_rows_add(&scratch->payers);
		if (!payer)
			return -ENOMEM;
		payer->cgroup = scratch->cgroup;
		payer->path = shmstat_strings_add(&snap->strings, snap->path,
						  strlen(snap->path));
		if (!payer->path ||
		    shmstat_index_add(&scratch->index,
				      scratch->payers.count - 1))
			return -ENOMEM;
	}
	payer->row = shmstat_rows_add(&snap->rows);
	if (!payer->row)
		return -ENOMEM;
	payer->row->id = scratch->id;
	payer->row->object = scratch->object;
	payer->row->payer = payer;
	return 0;
}

static void prepare(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	scratch->snap = snap;
	shmstat_rows_init(&scratch->payers, &snap->budget,
			  sizeof(struct payer));
	shmstat_index_init(&scratch->index, &scratch->payers,
			   offsetof(struct payer, next), hash_payer);
}

static void release(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	shmstat_index_free(&scratch->index);
	shmstat_rows_free(&scratch->payers);
}

static bool wants(struct shmstat_snapshot *snap,
		  const struct shmstat_inode *read)
{
	return read->resident;
}

static int add_object(struct shmstat_snapshot *snap,
		      const struct shmstat_super *super,
		      struct shmstat_object *obj, struct inode *inode)
{
	struct scratch *scratch = snap->scratch;

	if (!inode)
		return 0;
	scratch->id = obj->id;
	scratch->object++;
	return shmstat_walk_pages(inode, 0, ULONG_MAX, charge_entry,
				  add_missing, scratch);
}

static const struct shmstat_scan cgroups_scan = {
	.wants	= wants,
	.object	= add_object,
};

static int collect(struct shmstat_snapshot *snap)
{
	return shmstat_scan_objects(snap, &cgroups_scan);
}

static void show_cgroup(struct seq_file *m, const struct shmstat_snapshot *snap,
			const void *field)
{
	const struct cgroups_row *row = field;

	shmstat_put_number(m, row->payer->cgroup ?: SHMSTAT_NONE);
}

static void show_path(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *field)
{
	const struct cgroups_row *row = field;

	shmstat_put_text(m, row->payer->path);
}

static const struct shmstat_column columns[] = {
	{ "id",		SHMSTAT_ID(struct cgroups_row, id) },
	{ "cgroup",	show_cgroup },
	{ "resident",	SHMSTAT_U64(struct cgroups_row, resident) },
	{ "path",	show_path },
	{}
};

const struct shmstat_view shmstat_cgroups_view = {
	.name		= "cgroups",
	.row_size	= sizeof(struct cgroups_row),
	.scratch_size	= sizeof(struct scratch),
	.prepare	= prepare,
	.collect	= collect,
	.release	= release,
	.columns	= columns,
};
