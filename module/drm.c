// SPDX-License-Identifier: GPL-2.0
/*
 * What a DRM device keeps besides the handles of processes: framebuffers, and
 * buffers that are mapped. Only structures of DRM's public headers are read, as in
 * gem.c.
 */
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/kdev_t.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/rbtree.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>
#include <drm/drm_mode_object.h>

#include "compat.h"
#include "drm.h"
#include "gem.h"

/* Maximum number of mode objects or mappings that are passed under a lock. */
#define PASS_BATCH	256

/*
 * Maximum number of mappings with the same offset, those of one buffer, that are
 * read: nothing but their number tells where to go on among them.
 */
#define MAX_SAME_OFFSET	4096

static void add_framebuffer(const struct drm_framebuffer *fb,
			    struct shmstat_drm_use *uses, unsigned int *count)
{
	unsigned int i;

	for (i = 0; i < SHMSTAT_DRM_STEP; i++) {
		struct shmstat_drm_use use = {
			.minor = fb->dev->primary->index,
		};

		if (fb->obj[i] && shmstat_gem_object(fb->obj[i], &use.id))
			uses[(*count)++] = use;
	}
}

/*
 * Framebuffers are among the device's mode objects until they let go of their
 * buffers. A positive result: there are more.
 */
static int read_framebuffers(struct drm_device *dev,
			     struct shmstat_drm_position *position,
			     struct shmstat_drm_use *uses, unsigned int max,
			     unsigned int *count)
{
	struct drm_mode_config *config = &dev->mode_config;
	struct drm_mode_object *object;
	unsigned int passed;

	BUILD_BUG_ON(ARRAY_SIZE(((struct drm_framebuffer *)0)->obj) !=
		     SHMSTAT_DRM_STEP);
	if (!drm_core_check_feature(dev, DRIVER_MODESET) || !dev->primary) {
		position->object = -1;
		return 0;
	}
	if (!mutex_trylock(&config->idr_mutex))
		return -EBUSY;
	for (passed = 0; passed < PASS_BATCH; passed++) {
		if (*count + SHMSTAT_DRM_STEP > max)
			break;
		object = idr_get_next(&config->object_idr, &position->object);
		if (!object) {
			position->object = -1;
			break;
		}
		position->object++;
		if (object->type == DRM_MODE_OBJECT_FB)
			add_framebuffer(container_of(object,
						     struct drm_framebuffer,
						     base), uses, count);
	}
	mutex_unlock(&config->idr_mutex);
	return position->object >= 0;
}

/* Reads a member of what may be a buffer; false if the address is invalid. */
#define probe(to, member) \
	(!copy_from_kernel_nofault(&(to), &(member), sizeof(to)))

/*
 * A driver can put anything into a mapping's private data. It is taken for a
 * buffer only if, read as one, it belongs to the device, is mapped by offsets that
 * include the mapping's, and leads to an object of its size.
 */
static bool find_mapped(const struct drm_device *dev,
			const struct vm_area_struct *vma,
			struct shmstat_id *id)
{
	const struct drm_gem_object *buffer = vma->vm_private_data;
	const struct drm_device *buffer_dev;
	u64 start, pages;
	size_t size;

	if (!buffer || !probe(buffer_dev, buffer->dev) || buffer_dev != dev ||
	    !probe(start, buffer->vma_node.vm_node.start) ||
	    !probe(pages, buffer->vma_node.vm_node.size))
		return false;
	if (vma->vm_pgoff < start || vma->vm_pgoff - start >= pages)
		return false;
	return shmstat_gem_probe(buffer, &size, id);
}

static struct vm_area_struct *vma_of(struct rb_node *node)
{
	return rb_entry(node, struct vm_area_struct, shared.rb);
}

/* The first mapping at a page offset or behind it. */
static struct rb_node *first_from(const struct address_space *mapping,
				  unsigned long page)
{
	struct rb_node *node = mapping->i_mmap.rb_root.rb_node, *first = NULL;

	while (node) {
		if (vma_of(node)->vm_pgoff >= page) {
			first = node;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return first;
}

/* Where to go on, in the order of offsets; called with i_mmap_rwsem held. */
static struct rb_node *next_mapping(const struct address_space *mapping,
				    struct shmstat_drm_position *position)
{
	struct rb_node *node;
	u32 skip;

	if (position->skip >= MAX_SAME_OFFSET) {
		position->page++;
		position->skip = 0;
	}
	node = first_from(mapping, position->page);
	for (skip = 0; node && skip < position->skip; skip++) {
		if (vma_of(node)->vm_pgoff != position->page)
			break;
		node = rb_next(node);
	}
	return node;
}

/* A positive result: there are more. */
static int read_mappings(struct drm_device *dev,
			 struct shmstat_drm_position *position,
			 struct shmstat_drm_use *uses, unsigned int max,
			 unsigned int *count)
{
	struct address_space *mapping = dev->anon_inode->i_mapping;
	struct rb_node *node;
	unsigned int passed;

	if (!SHMSTAT_HAS_MM_OWNER || !mapping_mapped(mapping))
		return 0;
	if (!i_mmap_trylock_read(mapping))
		return -EBUSY;
	node = next_mapping(mapping, position);
	for (passed = 0; node && passed < PASS_BATCH && *count < max; passed++) {
		const struct vm_area_struct *vma = vma_of(node);
		struct shmstat_drm_use *use = &uses[*count];

		use->minor = 0;
		use->tgid = shmstat_mm_tgid(vma->vm_mm);
		if (use->tgid && find_mapped(dev, vma, &use->id))
			++*count;
		if (vma->vm_pgoff != position->page) {
			position->page = vma->vm_pgoff;
			position->skip = 0;
		}
		position->skip++;
		node = rb_next(node);
	}
	i_mmap_unlock_read(mapping);
	return !!node;
}

/**
 * shmstat_drm_read - find what a device's framebuffers and mappings lead to
 * @dev: the device; the caller keeps it
 * @position: how far it was read, zeroes at first
 * @uses: set to what was found
 * @max: maximum number of @uses, at least SHMSTAT_DRM_STEP
 * @count: set to the number of @uses
 *
 * Context: Any but interrupts. Tries to take idr_mutex of the mode configuration
 *	or i_mmap_rwsem of the device's mappings, and does not wait for them.
 * Return: 0 after the last one; 1 if there are more; -EBUSY if a lock was taken.
 */
int shmstat_drm_read(struct drm_device *dev,
		     struct shmstat_drm_position *position,
		     struct shmstat_drm_use *uses, unsigned int max,
		     unsigned int *count)
{
	int ret = 0;

	*count = 0;
	if (position->object >= 0)
		ret = read_framebuffers(dev, position, uses, max, count);
	return ret ?: read_mappings(dev, position, uses, max, count);
}

#ifdef CONFIG_PCI
/**
 * struct visit - shmstat_drm_visit_devices() under way
 * @visit: called for each device
 * @between: called after each call without locks
 * @arg: passed to both
 * @again: the device is to be visited again
 */
struct visit {
	shmstat_drm_fn visit;
	int (*between)(void *arg);
	void *arg;
	bool again;
};

/* The device of a primary node; NULL for what else a DRM device has in sysfs. */
static struct drm_device *device_of(struct device *node)
{
	const struct drm_minor *minor;

	if (!node->class || strcmp(node->class->name, "drm") ||
	    MAJOR(node->devt) != DRM_MAJOR)
		return NULL;
	minor = dev_get_drvdata(node);
	if (!minor || minor->type != DRM_MINOR_PRIMARY || minor->kdev != node)
		return NULL;
	return minor->dev;
}

static int visit_child(struct device *child, void *arg)
{
	struct visit *visit = arg;
	struct drm_device *dev = device_of(child);

	if (dev && visit->visit(dev, visit->arg))
		visit->again = true;
	return 0;
}

/*
 * Visits the DRM devices among the children of @parent. The lock of the device that
 * a driver is bound to keeps that driver from removing its DRM device. If somebody
 * has that lock, the driver is just being bound or unbound.
 */
static int visit_children(struct visit *visit, struct device *bound,
			  struct device *parent)
{
	int ret;

	do {
		visit->again = false;
		if (!device_trylock(bound))
			return 0;
		if (bound->driver)
			device_for_each_child(parent, visit, visit_child);
		device_unlock(bound);
		ret = visit->between(visit->arg);
		cond_resched();
	} while (!ret && visit->again);
	return ret;
}

static int is_virtio(struct device *device, void *arg)
{
	return device->bus && !strcmp(device->bus->name, "virtio");
}

/* The DRM device is a child of the virtio device, from v6.1 on of the PCI device. */
static int visit_virtio(struct device *device, void *arg)
{
	if (!is_virtio(device, NULL))
		return 0;
	return visit_children(arg, device, device) ?:
	       visit_children(arg, device, device->parent);
}

static int visit_pci(struct device *device, void *arg)
{
	if (to_pci_dev(device)->class >> 16 != PCI_BASE_CLASS_DISPLAY)
		return 0;
	if (device_for_each_child(device, NULL, is_virtio))
		return device_for_each_child(device, arg, visit_virtio);
	return visit_children(arg, device, device);
}

/**
 * shmstat_drm_visit_devices - call a function for the DRM devices on PCI
 * @visit: the function
 * @between: called after each call, without locks; may sleep and allocate;
 *	anything but 0 ends the loop
 * @arg: passed to both
 *
 * A device that is just being made or removed is not visited.
 *
 * Context: Process context, may sleep. Tries to take the device lock of a PCI or
 *	virtio device during @visit.
 * Return: what @between returned last.
 */
int shmstat_drm_visit_devices(shmstat_drm_fn visit, int (*between)(void *arg),
			      void *arg)
{
	struct visit all = { .visit = visit, .between = between, .arg = arg };

	return bus_for_each_dev(&pci_bus_type, NULL, &all, visit_pci);
}
#else
int shmstat_drm_visit_devices(shmstat_drm_fn visit, int (*between)(void *arg),
			      void *arg)
{
	return 0;
}
#endif
