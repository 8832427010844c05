# SPDX-License-Identifier: GPL-2.0
# fish completion of shmstat(8).

set -l commands list show top watch risks metrics

function __shmstat_columns
    set -l command (commandline -opc)[2]
    shmstat $command --help 2>/dev/null |
        string match -rg '^ [ *] ([A-Z_]{2,}) +(.*)' |
        paste - -
end

function __shmstat_cgroups
    shmstat --json 2>/dev/null | string match -rg '^ *"cgroup": "(.*)",$'
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
complete -c shmstat -n "__fish_seen_subcommand_from metrics" -l top -x -d 'how many of the largest'
complete -c shmstat -n "__fish_seen_subcommand_from metrics" -l textfile -r -F -d 'into a file'
