# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what those who source this set
# What the tests of the command share. Sourced, not run, by scripts that set
# $here, their directory, and $plain, the command.

. "${here:?}/../vm/ktap.sh"

tmp=$(mktemp -d) || exit 1
trap end EXIT
export LC_ALL=C.UTF-8
unset SHMSTAT_LIST_COLUMNS SHMSTAT_RISKS_COLUMNS
socket='' said='' pause=0.1

end()
{
	for socket in "$tmp"/terminal.*; do
		[ ! -S "$socket" ] || terminal kill-server 2>/dev/null
	done
	rm -rf "$tmp"
}

# same WHAT WANTED GOT
same()
{
	[ "$2" = "$3" ] || { echo "$1: wanted '$2', got '$3'"; return 1; }
}

# says STATUS PATTERN ARGUMENT...: ends so, with a word why, which is left in
# $said, and nothing else.
says()
{
	local status=$1 pattern=$2 got

	shift 2
	said=$(timeout 60 "$plain" "$@" 2>&1 >"$tmp/out")
	got=$?
	echo "$*: status $got, '$said'"
	[ $got = "$status" ] && grep -q -- "$pattern" <<<"$said" &&
		[ ! -s "$tmp/out" ]
}

# columns COMMAND: all that it has, with commas between them.
columns()
{
	"$plain" "$1" --help | sed -n 's/^ [ *] \([A-Z][A-Z]*\) .*/\1/p' |
		paste -sd,
}

# copy NAME: recorded tables to be changed, in $proc, for the command to read.
copy()
{
	proc=$tmp/$1
	rm -rf "$proc"
	cp -r "$here/proc" "$proc"
	export SHMSTAT_PROC=$proc
}

# snapshot: of all tables in $proc, which are then not there any more.
snapshot()
{
	local table

	for table in objects holders cgroups pages maps sysv superblocks summary; do
		echo "# $table" && cat "$proc/shmstat/$table" || return
		rm "$proc/shmstat/$table"
	done >"$proc/shmstat/snapshot"
}

# until_true SECONDS COMMAND...: tried every $pause seconds.
until_true()
{
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep $pause
	done
}

# ready PID: it catches SIGTERM, has taken each signal it was sent, and sleeps.
ready()
{
	awk '$1 == "State:" { sleeps = $2 == "S" }
		$1 == "ShdPnd:" { taken = $2 !~ /[1-9a-f]/ }
		$1 == "SigCgt:" { catches = $2 ~ /[4-7c-f]...$/ }
		END { exit !(sleeps && taken && catches) }' \
		"/proc/$1/status" 2>/dev/null
}

# has_open PID FILE
has_open()
{
	find "/proc/$1/fd" -lname "$2" 2>/dev/null | grep -q .
}

# ended PID: within a generous time, or it is killed.
ended()
{
	timeout 60 tail --pid="$1" -f /dev/null && return
	kill -9 "$1"
	echo "it goes on"
	return 1
}

terminal()
{
	tmux -S "$socket" -f /dev/null "$@"
}

# on_terminal WIDTH HEIGHT COMMAND-LINE: on one of its own, which stays for a
# while after that.
on_terminal()
{
	socket=$tmp/terminal.$RANDOM
	terminal new-session -d -x "$1" -y "$2" "$3; sleep 100"
}

# shows COMMAND...: waits until it is true of the screen, which it reads, and
# which is left in $tmp/screen.
shows()
{
	until_true 60 screen_is "$@" && return
	echo "no '$*' on the screen:"
	cat "$tmp/screen"
	return 1
}

screen_is()
{
	terminal capture-pane -p >"$tmp/screen" && "$@" <"$tmp/screen"
}

# What the screen may be: a word in a line, and how many lines.
cell()
{
	[ "$(awk -v line="$1" -v column="$2" \
		'NR == line { print $column }')" = "$3" ]
}

# resize WIDTH HEIGHT: of the terminal, until the program on it has taken that.
resize()
{
	local tty shell

	read -r tty shell < <(terminal display-message -p \
		'#{pane_tty} #{pane_pid}')
	terminal resize-window -x "$1" -y "$2" &&
	until_true 60 has_size "$tty" "$2 $1" &&
	until_true 60 ready "$(pgrep -P "$shell")"
}

has_size()
{
	[ "$(stty -F "$1" size)" = "$2" ]
}

lines()
{
	[ "$(wc -l)" = "$1" ]
}
