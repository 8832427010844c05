# SPDX-License-Identifier: GPL-2.0
# fish completion of shmstat(8).
#
# Names of cgroups are chosen by others. fish quotes what it inserts.
# Subcommands, options, columns and kinds are read from the command's help.

# The subcommand, which options may precede.
function __shmstat_command
    string match -rv '^-' -- (commandline -opc)[2..] | head -n 1
end

# In lower case where that is typed, as fish would replace all of -oLIST else.
function __shmstat_columns
    set -l lower
    string match -rq '[a-z]$' -- (commandline -ct)
    and set lower '\L'
    if test (__shmstat_command) = list
        and string match -rq -- '^--group(=|$)' (commandline -opc)
        shmstat list --help 2>/dev/null |
            sed -n '/^With --group/,/\.$/{ /^With/d; s/[.,]$//; p }' |
            sed "s/.*/$lower&/; s/, /\n/g"
        return
    end
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

# The options of a subcommand, or of shmstat itself, under a condition.
function __shmstat_options -a condition
    shmstat $argv[2..] --help 2>/dev/null | while read -l line
        string match -rq '^ *(-(?<short>[A-Za-z]), )?--(?<long>[a-z-]+)( (?<wants>[A-Z]+))? +(?<help>.*)$' -- $line
        or continue
        set -l option -c shmstat -n $condition -l $long -d $help
        test -n "$short"
        and set -a option -s $short
        switch "$wants"
            case ''
            case LIST
                set -a option -x -a '(__fish_complete_list , __shmstat_columns)'
            case COLUMN
                set -a option -x -a '(__shmstat_columns)'
            case KIND
                set -a option -x -a (shmstat list --help 2>/dev/null |
                    sed -n 's/^ [ *] KIND  *//p' | sed 's/,\| or / /g')
            case KEY
                set -a option -x -a (shmstat list --help 2>/dev/null |
                    sed -n '/^ *--group KEY /{n;s/,\| or / /g;p}')
            case GROUP
                set -a option -x -a (shmstat plot --help 2>/dev/null |
                    sed -n 's/^ *--by GROUP [^:]*: //p' | sed 's/,\| or / /g')
            case WHEN
                set -a option -x -a (shmstat --help 2>/dev/null |
                    sed -n 's/^ *--color WHEN [^:]*: //p' | sed 's/,\| or / /g')
            case PID
                set -a option -x -a '(__fish_complete_pids)'
            case CGROUP
                set -a option -x -a '(__shmstat_cgroups)'
            case USER
                set -a option -x -a '(__fish_complete_users)'
            case TIME
                set -a option -x -a 'now today yesterday'
            case PATH FILE
                set -a option -r -F
            case '*'
                set -a option -x
        end
        complete $option
    end
end

set -l commands (shmstat --help 2>/dev/null | string match -rg '^ ([a-z]{2,}) +.')
set -l first "not __fish_seen_subcommand_from $commands"

complete -c shmstat -f
__shmstat_options $first
shmstat --help 2>/dev/null | while read -l line
    string match -rq '^ (?<command>[a-z]{2,}) +(?<help>.*)$' -- $line
    and complete -c shmstat -n $first -a $command -d $help
end
for command in $commands
    __shmstat_options "__fish_seen_subcommand_from $command" $command
end
complete -c shmstat -n "__fish_seen_subcommand_from show" -F -a '(shmstat list -nr -o ID,KIND,NAME 2>/dev/null | string replace " " \t)'
complete -c shmstat -n "__fish_seen_subcommand_from record" -F
