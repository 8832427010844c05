# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # what those who source this use
# In the guest: real users of shared memory. Sourced, not run, by scripts that
# are given MODULE HOLD SHMSTAT.

module=$1 hold=$2 shmstat=$3
log=$PWD/log
: >"$log"

note()
{
	echo "# $*"
}

fail()
{
	echo "${0##*/}: $*" >&2
	cat "$log" >&2
	exit 1
}

# in_group NAME COMMAND...: its memory is charged to a cgroup of its own.
in_group()
{
	local group=/sys/fs/cgroup/$1

	shift
	mkdir -p "$group"
	(
		echo "$BASHPID" >"$group/cgroup.procs"
		exec "$@"
	)
}

# start NAME COMMAND...: in the background, until it says it is ready.
start()
{
	local line

	exec 4< <(in_group "$@" 2>>"$log")
	read -r line <&4
	[ "$line" = filled ] || fail "$2 did not start"
}

# start_scratch: a file that is left on a tmpfs, and a deleted one that is open.
start_scratch()
{
	mkdir -p /srv/scratch
	mount -t tmpfs -o size=256M scratch /srv/scratch
	in_group batch dd if=/dev/urandom of='/srv/scratch/left over.tar' bs=1M \
		count=40 status=none
	start batch bash -c 'exec 3<>/srv/scratch/deleted.log
		head -c 16M /dev/urandom >&3
		rm /srv/scratch/deleted.log
		echo filled
		exec sleep infinity'
}

postgres=(setpriv --reuid postgres --regid postgres --clear-groups
	env HOME=/tmp)

# clusters PORT...: an empty PostgreSQL for each.
clusters()
{
	local first=$1 port

	bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
	install -d -o postgres -g postgres /srv/postgresql
	"${postgres[@]}" "$bin/initdb" -D "/srv/postgresql/$first" -A trust \
		-E SQL_ASCII --locale=C --no-sync --wal-segsize=1 \
		>>"$log" 2>&1 || fail "initdb"
	shift
	for port; do
		cp -a "/srv/postgresql/$first" "/srv/postgresql/$port"
	done
}

# swap_on: to zram.
swap_on()
{
	modprobe zram
	echo 256M >/sys/block/zram0/disksize
	{ mkswap /dev/zram0 && swapon /dev/zram0; } >>"$log" 2>&1 ||
		fail "no swap on zram"
}

# server PORT OPTION...: a PostgreSQL with a table in its buffers. Its files
# are in memory here, so it writes few.
server()
{
	local port=$1 options

	shift
	options="-p $port -k /tmp -c listen_addresses= -c fsync=off"
	options+=" -c wal_level=minimal -c max_wal_senders=0"
	options+=" -c min_wal_size=2MB -c max_wal_size=2MB $*"
	in_group postgresql "${postgres[@]}" "$bin/pg_ctl" -s -w \
		-D "/srv/postgresql/$port" -o "$options" \
		-l "/tmp/postgresql-$port.log" start >>"$log" 2>&1 ||
		fail "PostgreSQL on port $port did not start"
	query "$port" 'CREATE TABLE numbers AS
			SELECT generate_series(1, 200000) AS n;
		SELECT sum(n) FROM numbers' >>"$log" 2>&1 ||
		fail "PostgreSQL on port $port did not answer"
}

query()
{
	"${postgres[@]}" "$bin/psql" -q -h /tmp -p "$1" -d postgres -c "$2"
}

# A join by several processes keeps its hash table in POSIX segments; it sleeps
# for each row, so that it lasts.
start_join()
{
	local i

	query 5432 "SET min_parallel_table_scan_size = 0;
		SET parallel_setup_cost = 0;
		SET parallel_tuple_cost = 0;
		SET enable_mergejoin = off;
		SET work_mem = '64MB';
		SELECT pg_sleep(1) FROM numbers a JOIN numbers b USING (n)" \
		>>"$log" 2>&1 &
	for ((i = 0; i < 100; i++)); do
		[ "$(du -s /dev/shm | cut -f 1)" -lt 8192 ] || return 0
		sleep 0.2
	done
	fail "PostgreSQL joins nothing in parallel"
}
