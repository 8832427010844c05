// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/cgroups: who is charged for each object's resident memory.
 */
#include <linux/cgroup.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "page.h"
#include "table.h"
#include "views.h"

/**
 * struct payer - a cgroup that pays for some object
 * @cgroup: its inode number, 0 for nobody
 * @path: its path, or NULL
 * @link: for finding it by @cgroup
 * @row: what it pays for the object that is being walked; of another object
 *	or NULL if nothing so far
 */
struct payer {
	u64 cgroup;
	const char *path;
	struct shmstat_link link;
	struct cgroups_row *row;
};

/**
 * struct cgroups_row - what one cgroup pays for one object
 * @object: the object's number
 * @resident: bytes
 * @payer: the cgroup
 */
struct cgroups_row {
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
 * @object: the number of the object that is being walked
 * @missing: whether a row is to be added for @cgroup, whose path is in
 *	&shmstat_snapshot.path where it never paid before
 * @cgroup: see @missing
 */
struct scratch {
	struct shmstat_snapshot *snap;
	struct shmstat_rows payers;
	struct shmstat_index index;
	struct payer *last;
	u32 object;
	bool missing;
	u64 cgroup;
};

static bool match_payer(const void *row, const void *key)
{
	const struct payer *payer = row;

	return payer->cgroup == *(const u64 *)key;
}

static struct payer *find_payer(struct scratch *scratch, u64 cgroup)
{
	if (scratch->last && scratch->last->cgroup == cgroup)
		return scratch->last;
	return shmstat_index_find(&scratch->index, cgroup, match_payer,
				  &cgroup);
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
				      scratch->payers.count - 1,
				      scratch->cgroup))
			return -ENOMEM;
	}
	payer->row = shmstat_rows_add(&snap->rows);
	if (!payer->row)
		return -ENOMEM;
	payer->row->object = scratch->object;
	payer->row->payer = payer;
	return 0;
}

static void prepare(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	scratch->snap = snap;
	shmstat_rows_init(&scratch->payers, sizeof(struct payer));
	shmstat_index_init(&scratch->index, &scratch->payers,
			   offsetof(struct payer, link));
}

static void release(struct shmstat_snapshot *snap)
{
	struct scratch *scratch = snap->scratch;

	shmstat_index_free(&scratch->index);
	shmstat_rows_free(&scratch->payers);
}

static int collect(struct shmstat_snapshot *snap, struct inode *inode,
		   struct shmstat_object *obj)
{
	struct scratch *scratch = snap->scratch;

	scratch->object = obj->nr;
	return shmstat_walk_pages(inode, 0, ULONG_MAX, charge_entry,
				  add_missing, scratch);
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
	{ "id",		SHMSTAT_OBJECT(struct cgroups_row, object) },
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
	.object		= collect,
	.release	= release,
	.columns	= columns,
};
