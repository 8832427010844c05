// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel that is locked down while the module is loaded. Nothing unlocks it:
 * this is the last test.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers/table.h"

#define LOCKDOWN	"/sys/kernel/security/lockdown"

/*
 * debugfs closes what can be written, mapped or controlled; the report can only
 * be read, by root. /proc is not concerned.
 */
TEST(every_file_answers)
{
	static const char * const files[] = {
		REPORT, PROC "summary", PROC "objects", PROC "superblocks",
		PROC "pages", PROC "maps", PROC "holders", PROC "cgroups",
		PROC "sysv",
	};
	static const char * const levels[] = { "integrity", "confidentiality" };
	char *text;
	int i, level;

	mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	if (access(LOCKDOWN, W_OK))
		SKIP(return, "no lockdown in this kernel");
	for (level = 0; level < ARRAY_SIZE(levels); level++) {
		ASSERT_EQ(0, write_file(LOCKDOWN, levels[level]));
		for (i = 0; i < ARRAY_SIZE(files); i++) {
			text = read_file(files[i]);
			EXPECT_NE(NULL, text) {
				TH_LOG("%s: %s", files[i], strerror(errno));
			}
			free(text);
		}
	}
}

TEST_HARNESS_MAIN
