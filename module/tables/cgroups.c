// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/cgroups: the memory cgroups that are charged for each object.
 * Swap is not attributed: the kernel does not report its cgroup.
 */
#include <linux/cgroup.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/string.h>

#include "../hashtable.h"
#include "../pagecache.h"
#include "../table.h"
#include "views.h"

/**
 * struct charge - a cgroup that is charged for some object
 * @cgroup: its inode number; 0 stands for no cgroup
 * @path: its path, or NULL
 * @nr: its number
 * @next: for the hash table
 * @row: the record that it got last; NULL if none
 */
struct charge {
	u64 cgroup;
	const char *path;
	u32 nr;
	u32 next;
	struct cgroups_row *row;
};

/**
 * struct cgroups_row - what one cgroup is charged for one object
 * @id: the object
 * @resident: bytes
 * @object: number of the object in the order of the walk
 * @charge: number of the cgroup's charge
 */
struct cgroups_row {
	struct shmstat_id id;
	u64 resident;
	u32 object;
	u32 charge;
};

/**
 * struct scratch - the charges, and the object that is visited
 * @snap: the snapshot
 * @charges: every &struct charge
 * @by_cgroup: finds them
 * @last: the charge of the last page, which is mostly that of the next one too
 * @id: the object
 * @object: number of the object in the order of the walk
 * @missing: add_missing() is to add a record for @cgroup. If there is no charge
 *	either, its path is in &shmstat_snapshot.path
 * @cgroup: inode number of a cgroup, see @missing
 */
struct scratch {
	struct shmstat_snapshot *snap;
	struct shmstat_rows charges;
	struct shmstat_hashtable by_cgroup;
	struct charge *last;
	struct shmstat_id id;
	u32 object;
	bool missing;
	u64 cgroup;
};

static u32 hash_cgroup(u64 cgroup)
{
	return hash_64(cgroup, 32);
}

static u32 hash_charge(const void *row)
{
	const struct charge *charge = row;

	return hash_cgroup(charge->cgroup);
}

static bool match_charge(const void *row, const void *key)
{
	const struct charge *charge = row;

	return charge->cgroup == *(const u64 *)key;
}

static struct charge *find_charge(struct scratch *scratch, u64 cgroup)
{
	if (scratch->last && scratch->last->cgroup == cgroup)
		return scratch->last;
	return shmstat_hash_find(&scratch->by_cgroup, hash_cgroup(cgroup),
				 match_charge, &cgroup);
}

static const struct charge *charge_of(const struct shmstat_snapshot *snap,
				      const struct cgroups_row *row)
{
	const struct scratch *scratch = snap->scratch;

	return shmstat_rows_at(&scratch->charges, row->charge);
}

/* Called under RCU, which keeps the cgroup. */
static void read_path(char *path, const struct cgroup_subsys_state *css)
{
	path[0] = '\0';
	if (!css)
		return;
	cgroup_path(css->cgroup, path, PATH_MAX);
	/* As in /proc/PID/cgroup. */
	if (!(css->cgroup->self.flags & CSS_ONLINE))
		strlcat(path, " (deleted)", PATH_MAX);
}

static __always_inline bool charge_entry(const struct shmstat_entry *entry,
					 void *arg)
{
	struct scratch *scratch = arg;
	struct cgroup_subsys_state *css;
	struct charge *charge;
	u64 cgroup;

	if (!entry->folio)
		return true;
	css = shmstat_folio_css(entry->folio);
	cgroup = css ? cgroup_ino(css->cgroup) : 0;
	charge = find_charge(scratch, cgroup);
	if (!charge || !charge->row || charge->row->object != scratch->object) {
		scratch->missing = true;
		scratch->cgroup = cgroup;
		if (!charge)
			read_path(scratch->snap->path, css);
		return false;
	}
	charge->row->resident += shmstat_entry_bytes(entry);
	scratch->last = charge;
	return true;
}

/* Adds the record that charge_entry() could not allocate under RCU. */
static int add_missing(void *arg)
{
	struct scratch *scratch = arg;
	struct shmstat_snapshot *snap = scratch->snap;
	struct charge *charge;

	/* Called at every pause of the walk. */
	if (!scratch->missing)
		return 0;
	scratch->missing = false;

	charge = find_charge(scratch, scratch->cgroup);
	if (!charge) {
		charge = shmstat_rows_add(&scratch->charges);
		if (!charge)
			return -ENOMEM;
		charge->cgroup = scratch->cgroup;
		charge->nr = scratch->charges.count - 1;
		charge->path = shmstat_strings_add(snap->strings, snap->path,
						   strlen(snap->path));
		if (!charge->path ||
		    shmstat_hash_add(&scratch->by_cgroup, charge->nr))
			return -ENOMEM;
	}
	charge->row = shmstat_rows_add(&snap->rows);
	if (!charge->row)
		return -ENOMEM;
	charge->row->id = scratch->id;
	charge->row->object = scratch->object;
	charge->row->charge = charge->nr;
	return 0;
}

static void prepare(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	scratch->snap = snap;
	shmstat_rows_init(&scratch->charges, snap->budget,
			  sizeof(struct charge));
	shmstat_hash_init(&scratch->by_cgroup, &scratch->charges,
			  offsetof(struct charge, next), hash_charge);
}

static void release(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	shmstat_hash_free(&scratch->by_cgroup);
	shmstat_rows_free(&scratch->charges);
}

static bool needs_inode(struct shmstat_snapshot *snap,
			const struct shmstat_inode *read)
{
	return read->resident;
}

static int add_object(struct shmstat_snapshot *snap,
		      const struct shmstat_super *super,
		      const struct shmstat_object *obj, struct inode *inode)
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
	.needs_inode	= needs_inode,
	.object		= add_object,
};

static void show_cgroup(struct seq_file *m, const struct shmstat_snapshot *snap,
			const void *field)
{
	const struct cgroups_row *row = field;

	shmstat_put_number(m, charge_of(snap, row)->cgroup ?: SHMSTAT_NONE);
}

static void show_path(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *field)
{
	const struct cgroups_row *row = field;

	shmstat_put_text(m, charge_of(snap, row)->path);
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
	.scan		= &cgroups_scan,
	.release	= release,
	.columns	= columns,
};
