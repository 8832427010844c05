# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what those who source this set
# Stories, and the one command that answers each. Sourced in the guest, after
# demo/users; $shmstat and $hold are set. Each prints a session; command/live looks
# for the answer in it. Those where memory comes back fail if it does not.

# say COMMAND...: as it would be typed, and what it says, which stays in $answer.
answer=$PWD/answer
say()
{
	local shown=$*

	echo "# ${shown//"$shmstat"/shmstat}"
	"$@" | tee "$answer"
	echo
}

# answers PATTERN: a line of the last answer, in which blanks are as they come.
answers()
{
	tr -s ' ' <"$answer" | grep -qE "^ ?$1" ||
		fail "the answer has no line '$1'"
}

# json FILTER ARGUMENT...: of the command's answer, with numbers in bytes.
json()
{
	"$shmstat" "${@:2}" --json --bytes | jq -r "$1"
}

# shmem: by the kernel's counter, to which all CPUs have added theirs, in kB.
shmem()
{
	echo 1 >/proc/sys/vm/stat_refresh
	awk '$1 == "Shmem:" { print $2 }' /proc/meminfo
}

# group_ends GROUP: waits until no process is left in a cgroup, which takes a moment.
group_ends()
{
	while grep -q . "/sys/fs/cgroup/$1/cgroup.procs"; do sleep 0.1; done
}

# shmem_becomes KB: within a MiB, as the machine's root is in memory as well; what
# was freed may take a moment.
shmem_becomes()
{
	local tries off

	for ((tries = 0; tries < 300; tries++)); do
		off=$(($(shmem) - $1))
		[ ${off#-} -gt 1024 ] || return 0
		sleep 0.1
	done
	fail "Shmem is $off kB more than the $1 kB that were foretold"
}

# Buffers of a graphics driver that one process has leaked.
story_gpu()
{
	start desktop "$hold" gpu 600
	say free -m
	say df -h -t tmpfs
	say ipcs -m -u
	say "$shmstat"
	pkill -x hold-gpu
}

# A service hands frames to a client that does not fetch them.
story_socket()
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

# An engine is killed; its segments have names, which nobody removes.
story_crash()
{
	local before

	before=$(shmem)
	start engine "$hold" engine 160
	pkill -KILL -x hold-engine
	group_ends engine
	say df -h /dev/shm
	say "$shmstat" orphans
	[ "$(grep -c "^ *posix .* rm -- '/dev/shm/engine-worker-[0-9]*'$" \
		"$answer")" = 40 ] || fail "not each of 40 files is an orphan"
	sed -n "s/.* \(rm -- '.*engine.*\)/\1/p" "$answer" | bash -e 2>>"$log" ||
		fail "a command that removes an orphan does not"
	say df -h /dev/shm
	shmem_becomes "$before"
	! json '.orphans[].path' orphans | grep engine-worker ||
		fail "orphans are left"
}

# freed GROUP: what would come back if the processes of a cgroup ended, in kB.
freed()
{
	echo $(($(json '.freed[0] | .resident + .swapped' whatif --cgroup "$1") >> 10))
}

# end_group GROUP: its processes, as a restart would; then Shmem is as foretold.
end_group()
{
	local before foretold

	before=$(shmem)
	foretold=$(freed "$1")
	say "$shmstat" whatif --cgroup "$1"
	xargs kill <"/sys/fs/cgroup/$1/cgroup.procs"
	group_ends "$1"
	shmem_becomes $((before - foretold))
}

# Those with the most share it with one that stays; what one has alone comes back.
story_restart()
{
	start pool.service "$hold" pool 120
	in_group viewer.service true
	pgrep -x hold-viewer >/sys/fs/cgroup/viewer.service/cgroup.procs
	start cache.service "$hold" deleted 90
	say df -h /dev/shm
	say "$shmstat" list --group comm
	answers '1 120M .*hold-pool$'
	end_group pool.service
	answers '0B would come back in memory'
	answers '120M .* process [0-9]*/hold-viewer'
	end_group cache.service
	answers '90M would come back in memory'
	pkill -x hold-viewer
}

# A container has 64 MB for /dev/shm, as Docker gives it, and a program that is not
# told so: the file system lets it make the files, and not fill them. Its cgroup
# and the file that its name is in are as Docker's.
story_container()
{
	local files=/var/lib/docker/containers id pid size line

	id=$(echo trainer | sha256sum | cut -c 1-64)
	rm -f trainer.log
	mkdir -p "$files/$id"
	echo "{\"ID\":\"$id\",\"Name\":\"/trainer\"}" \
		>"$files/$id/config.v2.json"
	# shellcheck disable=SC2016 # for the shell inside
	in_group "docker-$id.scope" unshare --mount --pid --fork --kill-child \
		bash -c 'mount -t tmpfs -o size=64m shm /dev/shm
			exec "$0" engine 80' "$hold" >trainer.log 2>&1 &
	until [ -s trainer.log ]; do sleep 0.1; done
	say cat trainer.log
	answers 'worker .* Bus error'
	say df -h /dev/shm
	say "$shmstat" risks --full 90
	pid=$(pgrep -x hold-engine)
	answers '/proc/[0-9]*/root/dev/shm \(docker:trainer\): 100 % of 64M'
	answers "4M 0B 4M root $pid/hold-engine /engine-worker-"
	size=$(json '.full[] | select(.container == "docker:trainer").needed' \
		risks)
	nsenter -t "$pid" -m -r mount -o "remount,size=$size" /dev/shm
	read -r line < <(nsenter -t "$pid" -m -r "$hold" engine 80)
	[ "$line" = filled ] || fail "with size=$size: $line"
	! json '.full[].container' risks | grep trainer ||
		fail "it is still nearly full"
	pkill -KILL -x hold-engine
}

# A database is slow since its cgroup ran short of memory.
story_database()
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

# oom_kills GROUP
oom_kills()
{
	awk '$1 == "oom_kill" { print $2 }' "/sys/fs/cgroup/$1/memory.events"
}

# A service leaks until the kernel kills it. It has gone when somebody asks.
story_night()
{
	local group=/sys/fs/cgroup/shop.service killed at tries

	mkdir -p "$group"
	echo 48M >"$group/memory.max"
	echo 0 >"$group/memory.swap.max"
	"$shmstat" record --interval 1s --cgroup /shop.service /var/tmp/night.db 2>>"$log" &
	in_group shop.service "$hold" leak 1000 2>>"$log" || true
	[ "$(oom_kills shop.service)" -gt 0 ] || fail "nothing was killed"
	for ((tries = 0; tries < 300; tries++)); do
		killed=$(json '[.samples[] | select(.why == "oom")][0].time // empty' \
			samples --from /var/tmp/night.db) || true
		[ -z "$killed" ] || break
		sleep 0.2
	done
	kill %%
	wait %% || fail "the recorder ended with $?"
	[ -n "$killed" ] || fail "no sample says that the kernel has killed"
	say "$shmstat" samples --from /var/tmp/night.db
	# A second before, as what is being killed may be half gone.
	at=$(jq -n "$killed - 1")
	say "$shmstat" --from /var/tmp/night.db --at "@$at"
	answers '.* hold-leak ×[0-9]+ memfd:session$'
	[ "$(json '.programs[] | select(.program == "hold-leak").resident' \
		--from /var/tmp/night.db --at "@$at")" -gt $((12 << 20)) ] ||
		fail "it does not say who had the memory"
}
