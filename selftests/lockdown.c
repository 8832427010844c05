// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel that is locked down while the module is loaded. Nothing unlocks it, so
 * this test has to be the last one.
 */
#define _GNU_SOURCE
#include <sys/mount.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/table.h"

#define LOCKDOWN	"/sys/kernel/security/lockdown"

/*
 * A locked down debugfs refuses files that can be written, mapped or controlled.
 * The report is none of these, and /proc is not restricted.
 */
TEST(every_file_answers)
{
	static const char * const levels[] = { "integrity", "confidentiality" };
	struct files files = plain_files();
	int i, level;

	mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	if (access(LOCKDOWN, W_OK))
		SKIP(return, "no lockdown in this kernel");
	for (level = 0; level < ARRAY_SIZE(levels); level++) {
		ASSERT_EQ(0, write_file(LOCKDOWN, levels[level]));
		for (i = 0; i < files.count; i++) {
			EXPECT_EQ(0, skip_file(files.path[i])) {
				TH_LOG("%s, lockdown=%s", files.path[i],
				       levels[level]);
			}
		}
	}
}

TEST_HARNESS_MAIN
