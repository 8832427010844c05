# SPDX-License-Identifier: GPL-2.0
# fish completion of shmstat(8).

set -l commands list show top watch risks metrics

# Names of cgroups are chosen by others. fish quotes what it inserts.

# The subcommand, which options may precede.
function __shmstat_command
    string match -rv '^-' -- (commandline -opc)[2..] | head -n 1
end

# In lower case where that is typed, as fish would replace all of -oLIST else.
function __shmstat_columns
    set -l lower
    string match -rq '[a-z]$' -- (commandline -ct)
    and set lower '\L'
    shmstat (__shmstat_command) --help 2>/dev/null |
        sed -n "s/^ [ *] \([A-Z_]\{2,\}\) *\(.*\)/$lower\1\E\t\2/p"
end

# By name, or by path. A path is spelled as in the tables, and so is understood
# whatever is in it.
function __shmstat_cgroups
    shmstat --json 2>/dev/null |
        string match -rg '^ *"(?:cgroup|path)": *"(.*)",?$' |
        string replace -ra '\\\\(["\\\\])' '$1' |
        string match -r '^/.*|^[^/\\\\][^\\\\]*$' |
        sort -u
end

complete -c shmstat -f
complete -c shmstat -s h -l help -d 'help'
complete -c shmstat -n "not __fish_seen_subcommand_from $commands" -s V -l version -d 'version'
complete -c shmstat -n "not __fish_seen_subcommand_from $commands" -a list -d 'list objects, all or some'
complete -c shmstat -n "not __fish_seen_subcommand_from $commands" -a show -d 'everything known of one object'
complete -c shmstat -n "not __fish_seen_subcommand_from $commands" -a top -d 'the largest objects, live'
complete -c shmstat -n "not __fish_seen_subcommand_from $commands" -a watch -d 'what grows, shrinks, comes and goes'
complete -c shmstat -n "not __fish_seen_subcommand_from $commands" -a risks -d 'what can be cut under its users'
complete -c shmstat -n "not __fish_seen_subcommand_from $commands" -a metrics -d 'OpenMetrics, for Prometheus'
complete -c shmstat -n "not __fish_seen_subcommand_from top metrics" -s b -l bytes -d 'sizes in bytes'
complete -c shmstat -n "not __fish_seen_subcommand_from top metrics" -s J -l json -d 'as JSON'
complete -c shmstat -n "__fish_seen_subcommand_from list risks" -s o -l output -x -a '(__fish_complete_list , __shmstat_columns)' -d 'columns'
complete -c shmstat -n "__fish_seen_subcommand_from list risks" -s n -l noheadings -d 'no line of names'
complete -c shmstat -n "__fish_seen_subcommand_from list risks" -s r -l raw -d 'one blank between columns'
complete -c shmstat -n "__fish_seen_subcommand_from list risks" -l csv -d 'as CSV'
complete -c shmstat -n "__fish_seen_subcommand_from list" -l kind -x -a 'sysv posix anon memfd gpu tmpfs kernel' -d 'of this kind'
complete -c shmstat -n "__fish_seen_subcommand_from list" -l pid -x -a '(__fish_complete_pids)' -d 'held by this process'
complete -c shmstat -n "__fish_seen_subcommand_from list" -l cgroup -x -a '(__shmstat_cgroups)' -d 'paid by this cgroup'
complete -c shmstat -n "__fish_seen_subcommand_from list" -l user -x -a '(__fish_complete_users)' -d 'of this owner'
complete -c shmstat -n "__fish_seen_subcommand_from list" -l sort -x -a '(__shmstat_columns)' -d 'by this column'
complete -c shmstat -n "__fish_seen_subcommand_from show" -F -a '(shmstat list -nr -o ID,KIND,NAME 2>/dev/null | string replace " " \t)'
complete -c shmstat -n "__fish_seen_subcommand_from top watch" -s i -l interval -x -d 'seconds between looks'
complete -c shmstat -n "__fish_seen_subcommand_from watch" -s f -l for -x -d 'how long'
complete -c shmstat -n "__fish_seen_subcommand_from metrics" -l top -x -d 'how many file systems and cgroups'
complete -c shmstat -n "__fish_seen_subcommand_from metrics" -l objects -x -d 'how many objects'
complete -c shmstat -n "__fish_seen_subcommand_from metrics" -l textfile -r -F -d 'into a file'
