// SPDX-License-Identifier: GPL-2.0
/*
 * Does what the debug kernels are there to find, so that their silence about
 * shmstat means something. Not for any other kernel.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>

static unsigned long shared;

static int racer(void *unused)
{
	while (!kthread_should_stop()) {
		shared++;
		cond_resched();
	}
	return 0;
}

static int __init race(void)
{
	struct task_struct *racers[2];
	int i;

	for (i = 0; i < ARRAY_SIZE(racers); i++) {
		racers[i] = kthread_run(racer, NULL, "canary/%d", i);
		if (IS_ERR(racers[i]))
			break;
	}
	msleep(5000);
	while (i--)
		kthread_stop(racers[i]);
	return 0;
}

static int __init use_after_free(void)
{
	char *freed = kmalloc(64, GFP_KERNEL);

	if (!freed)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(freed);
	kfree(freed);
	pr_info("after free: %d\n", freed[8]);
	return 0;
}

static int __init canary_init(void)
{
	return IS_ENABLED(CONFIG_KCSAN) ? race() : use_after_free();
}
module_init(canary_init);

MODULE_DESCRIPTION("what debug kernels have to find");
MODULE_LICENSE("GPL");
