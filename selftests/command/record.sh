# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced in the guest: records what /proc says there into recorded/proc, as
# "proc" here has it. Of the many small files on the root, only those of 64 KiB
# and more are kept. To record anew, run "make check-tools PARTS=live" and put
# .cache/check-tools.out/live/recorded/proc in its place.

record()
{
	local tables=recorded/proc/shmstat table id pid

	mkdir -p "$tables" recorded/proc/self
	printf x >$'/dev/shm/\e[31mhostile\n\303\274 name'
	head -c 200K /dev/zero >>$'/dev/shm/\e[31mhostile\n\303\274 name'
	cat /proc/shmstat/summary >"$tables/summary"
	cat /proc/shmstat/superblocks >"$tables/superblocks"
	awk 'NR == 1 || $2 != "tmpfs" || $5 + $6 >= 65536' \
		/proc/shmstat/objects >"$tables/objects"
	for table in pages maps holders cgroups sysv; do
		awk 'NR == FNR { kept[$1]; next }
			FNR == 1 { for (i = 1; $i != "id"; i++); }
			FNR == 1 || $i in kept' \
			"$tables/objects" "/proc/shmstat/$table" \
			>"$tables/$table"
	done
	awk 'NR > 1 && $5 + $6 >= 8000000 { print $1 }' "$tables/objects" |
	while read -r id; do
		exec 9<>/proc/shmstat/extents
		echo "$id" >&9
		cat <&9 >"$tables/extents.$id"
		exec 9>&-
	done
	awk 'NR == 1 { for (i = 1; $i != "pid"; i++); next }
		$i != "-" { print $i }' "$tables/holders" | sort -u |
	while read -r pid; do
		mkdir -p "recorded/proc/$pid"
		cat "/proc/$pid/cgroup" >"recorded/proc/$pid/cgroup"
		cat "/proc/$pid/stat" >"recorded/proc/$pid/stat"
	done
	grep -E ' (tmpfs|devtmpfs) ' /proc/self/mountinfo \
		>recorded/proc/self/mountinfo
}
