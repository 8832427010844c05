// SPDX-License-Identifier: GPL-2.0
/*
 * Lets the kernel do what no system call makes it do on every machine: keep a file
 * on its internal tmpfs mount, and keep pages of shared memory in writeback. Both
 * end when the module is removed.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/page-flags.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>

/* v7.0: the flags of shmem_file_setup() have a type of their own. */
#ifdef EMPTY_VMA_FLAGS
#define NO_VMA_FLAGS	EMPTY_VMA_FLAGS
#else
#define NO_VMA_FLAGS	0UL
#endif

static char *name;
module_param(name, charp, 0400);
MODULE_PARM_DESC(name, "of the file to make on the internal mount");

static bool private;
module_param(private, bool, 0400);
MODULE_PARM_DESC(private, "mark the file as shmem_kernel_file_setup() does");

static int fd = -1;
module_param(fd, int, 0400);
MODULE_PARM_DESC(fd, "descriptor of the file to use instead of making one");

static unsigned long size;
module_param(size, ulong, 0400);
MODULE_PARM_DESC(size, "of the file that is made, bytes");

static unsigned int pages;
module_param(pages, uint, 0400);
MODULE_PARM_DESC(pages, "number of its first pages to allocate");

static unsigned int writeback;
module_param(writeback, uint, 0400);
MODULE_PARM_DESC(writeback, "number of its first pages to keep in writeback");

static struct file *kept;

static struct page *get_page_at(unsigned int index)
{
	return shmem_read_mapping_page(kept->f_mapping, index);
}

static int allocate_pages(void)
{
	unsigned int i;

	for (i = 0; i < pages; i++) {
		struct page *page = get_page_at(i);

		if (IS_ERR(page))
			return PTR_ERR(page);
		put_page(page);
	}
	return 0;
}

static int start_writeback(void)
{
	unsigned int i;

	for (i = 0; i < writeback; i++) {
		struct page *page = get_page_at(i);

		if (IS_ERR(page)) {
			writeback = i;
			return PTR_ERR(page);
		}
		/* The reference is kept until end_writeback(). */
		lock_page(page);
		set_page_writeback(page);
		unlock_page(page);
	}
	return 0;
}

static void end_writeback(void)
{
	unsigned int i;

	for (i = 0; i < writeback; i++) {
		struct page *page = get_page_at(i);

		end_page_writeback(page);
		put_page(page);
		put_page(page);
	}
}

static int __init keeper_init(void)
{
	int ret;

	if (fd < 0) {
		kept = shmem_file_setup(name ?: "", size, NO_VMA_FLAGS);
		if (IS_ERR(kept))
			return PTR_ERR(kept);
		if (private)
			file_inode(kept)->i_flags |= S_PRIVATE;
	} else {
		kept = fget(fd);
		if (!kept)
			return -EBADF;
	}
	ret = allocate_pages() ?: start_writeback();
	if (ret) {
		end_writeback();
		fput(kept);
	}
	return ret;
}

static void __exit keeper_exit(void)
{
	end_writeback();
	fput(kept);
}

module_init(keeper_init);
module_exit(keeper_exit);

MODULE_DESCRIPTION("Keeps files and pages for the tests of shmstat");
MODULE_LICENSE("GPL");
