# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what those who source this set
# Three stories, and the one command that answers each. Sourced in the guest,
# after demo/users; $shmstat and $hold are set. Each prints a session.

# say COMMAND...: as it would be typed, and what it says.
say()
{
	local shown=$*

	echo "# ${shown//"$shmstat"/shmstat}"
	"$@"
	echo
}

# Buffers of a graphics driver that one process has leaked.
story_1()
{
	start desktop "$hold" gpu 600
	say free -m
	say df -h -t tmpfs
	say ipcs -m -u
	say "$shmstat"
	pkill -x hold-gpu
}

# A service hands frames to a client that does not fetch them.
story_2()
{
	local group=/sys/fs/cgroup/broker.service client

	mkdir -p "$group"
	echo 64M >"$group/memory.max"
	echo 0 >"$group/memory.swap.max"
	in_group broker.service "$hold" sent 200 2>>"$log"
	client=$(pgrep -x hold-viewer)
	in_group viewer true
	echo "$client" >/sys/fs/cgroup/viewer/cgroup.procs
	say cat "$group/memory.events"
	say grep -w -e shmem -e anon "$group/memory.stat"
	say cat "$group/cgroup.procs"
	say "$shmstat"
	kill "$client"
}

# A database is slow since its cgroup ran short of memory.
story_3()
{
	local id tries

	id=$(ipcs -m | awk '/^0x/ && $5 > 4000000 { print $2; exit }')
	for ((tries = 0; tries < 100; tries++)); do
		awk -v id="$id" '$2 == id { exit $16 >= $15 }' \
			/proc/sysvipc/shm || break
		echo 1M >/sys/fs/cgroup/postgresql/memory.reclaim 2>>"$log"
	done
	say ipcs -m
	say "$shmstat" show "shmid:$id"
}
