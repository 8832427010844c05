# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# bash-completion of shmstat(8).

# Columns of a command, from its help, behind those that are there already.
_shmstat_columns()
{
	local done= last=$cur column

	[[ $cur != *,* ]] || done=${cur%,*}, last=${cur##*,}
	[[ -n $done || $cur != +* ]] || done=+ last=${cur#+}
	for column in $(shmstat "$1" --help 2>/dev/null |
		sed -n 's/^ [ *] \([A-Z_]\{2,\}\) .*/\1/p'); do
		[[ $column != "${last^^}"* ]] || COMPREPLY+=("$done$column")
	done
	compopt -o nospace
}

_shmstat()
{
	local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} words options='--help'

	COMPREPLY=()
	case $previous in
	-o | --output)
		_shmstat_columns "$command"
		return
		;;
	--sort)
		cur=${cur^^}
		words=$(shmstat list --help 2>/dev/null |
			sed -n 's/^ [ *] \([A-Z_]\{2,\}\) .*/\1/p')
		;;
	--kind) words='sysv posix anon memfd gpu tmpfs kernel' ;;
	--user) words=$(compgen -u) ;;
	--pid) words=$(cd /proc && printf '%s\n' [0-9]*) ;;
	--cgroup)
		words=$(shmstat --json 2>/dev/null |
			sed -n 's/^ *"cgroup": "\(.*\)",$/\1/p')
		;;
	--textfile)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		compopt -o filenames
		return
		;;
	--interval | -i | --for | -f | --top) return ;;
	esac
	if [[ -z $words ]]; then
		case $COMP_CWORD:$command in
		1:*)
			words='list show top watch risks metrics'
			options='--bytes --json --help --version'
			;;
		*:list)
			options='--output --bytes --noheadings --json --raw --csv
				--sort --kind --pid --cgroup --user --help'
			;;
		*:risks)
			options='--output --bytes --noheadings --json --raw --csv
				--help'
			;;
		*:show)
			options='--bytes --json --help'
			# Ids have colons, at which bash parts words.
			[[ $cur == -* ]] || mapfile -t COMPREPLY < <(compgen -W \
				"$(shmstat list -nr -o ID 2>/dev/null)" -- \
				"${COMP_LINE##* }")
			if declare -F __ltrim_colon_completions >/dev/null; then
				__ltrim_colon_completions "${COMP_LINE##* }"
			fi
			[[ $cur == -* ]] || return
			;;
		*:top) options='--interval --help' ;;
		*:watch) options='--interval --for --bytes --json --help' ;;
		*:metrics) options='--top --textfile --help' ;;
		esac
		[[ $cur != -* ]] || words=$options
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _shmstat shmstat
