# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Checks that are one command each, by kselftest's KTAP helpers. Sourced, not
# run, by what the runner starts, which sets KSELFTEST_DIR.

# shellcheck source=/dev/null
. "${KSELFTEST_DIR:?is set by selftests/run}/kselftest/ktap_helpers.sh"
ktap_print_header

# In a virtual machine, the runner finds by these which step the kernel's log
# complained in.
mark_step()
{
	[ ! -e /run/shmstat/command ] ||
		echo "<4>shmstat-vm: step $1" >/dev/kmsg
}

# check NAME COMMAND...: one check. Comments among what it prints are shown, and
# where it fails, the end of all of it.
check()
{
	local name=$1 output

	shift
	mark_step "$name"
	if output=$("$@" 2>&1); then
		grep '^# ' <<<"$output"
		ktap_test_pass "$name"
	else
		printf '%s\n' "$output" | tail -n 60 | sed 's/^# //; s/^/# /'
		ktap_test_fail "$name"
	fi
}

# end_checks: the plan, and how it went, which is also the exit status.
end_checks()
{
	ktap_set_plan $((KTAP_TESTNO - 1))
	ktap_finished
}
