# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# bash-completion of shmstat(8).
#
# Names of cgroups, users and files are chosen by others. They are compared and
# quoted here and never expanded, as "compgen -W" would do.
#
# Options, which of them take an argument, columns, kinds and groups are read from the
# command's help.

# Takes the line to pieces as the shell would, expanding nothing: $words; how the
# last one is written, $raw; and the quote that is open there, $quote.
_shmstat_split()
{
	local line=$1 word='' c i

	words=() raw='' quote=''
	for ((i = 0; i < ${#line}; i++)); do
		c=${line:i:1}
		if [[ -z $quote && $c == [[:blank:]] ]]; then
			[[ -z $raw ]] || words+=("$word")
			word='' raw=''
			continue
		fi
		raw+=$c
		if [[ $c == "$quote" ]]; then
			quote=''
		elif [[ -z $quote && $c == [\'\"] ]]; then
			quote=$c
		elif [[ $quote != \' && $c == \\ ]]; then
			i=$((i + 1)) c=${line:i:1}
			raw+=$c
			[[ -z $quote || $c == [\$\`\"\\] ]] || word+=\\
			word+=$c
		else
			word+=$c
		fi
	done
	words+=("$word")
}

# One word of the shell, behind the quote that is open.
_shmstat_quote()
{
	local text=$1 quoted='' i c

	case $quote in
	\' | \")
		for ((i = 0; i < ${#text}; i++)); do
			c=${text:i:1}
			# "!" means something even in double quotes.
			if [[ $c == "$quote" || $quote == \" && \$\`\\! == *"$c"* ]]; then
				quoted+=$quote\\$c$quote
			else
				quoted+=$c
			fi
		done
		# readline takes such an end for the closing one.
		[[ $quoted != *"$quote" ]] || quoted+=$quote
		printf %s "$quoted"
		;;
	*)
		# printf would quote commas as well.
		if [[ $text =~ ^[[:alnum:]_.,:/+@%=-]*$ ]]; then
			printf %s "$text"
		else
			printf %q "$text"
		fi
		;;
	esac
}

# Which options COMMAND has: $options, and what those want that want something:
# $wants. Without a command, those of shmstat, beside what others want.
_shmstat_options()
{
	local line pattern='^ (-([A-Za-z]),|   ) --([a-z-]+)( ([A-Z]+))? '

	options=()
	[[ $# = 0 ]] || wants=()
	while IFS= read -r line; do
		[[ $line =~ $pattern ]] || continue
		options+=("--${BASH_REMATCH[3]}")
		[[ -n ${BASH_REMATCH[5]} ]] || continue
		wants[--${BASH_REMATCH[3]}]=${BASH_REMATCH[5]}
		[[ -z ${BASH_REMATCH[2]} ]] ||
			wants[-${BASH_REMATCH[2]}]=${BASH_REMATCH[5]}
	done < <(shmstat "$@" --help 2>/dev/null)
}

# Looks at the words before the last one: $command, and the option that waits for
# its argument, $waiting.
_shmstat_scan()
{
	local word i

	command='' waiting='' operands=''
	for word in "${words[@]:1:${#words[@]}-2}"; do
		if [[ -n $waiting ]]; then
			waiting=''
		elif [[ -n $operands || $word != -?* ]]; then
			[[ -n $command ]] || command=$word
		elif [[ $word == -- ]]; then
			operands=yes
		elif [[ $word == --* ]]; then
			[[ -z ${wants[$word]-} ]] || waiting=$word
		else
			for ((i = 1; i < ${#word}; i++)); do
				[[ -n ${wants[-${word:i:1}]-} ]] || continue
				[[ -n ${word:i+1} ]] || waiting=-${word:i:1}
				break
			done
		fi
	done
}

# Offers what goes on from $start and what is there of the argument.
_shmstat_offer()
{
	local word

	for word; do
		[[ $word != "$typed"* ]] || found+=("$start$word")
	done
}

# The columns, behind those that are there already, in upper or lower case.
_shmstat_columns()
{
	local done='' last=$typed column columns help grouped

	[[ $typed != *,* ]] || done=${typed%,*}, last=${typed##*,}
	[[ -n $done || $typed != +* ]] || done=+ last=${typed#+}
	help=$(shmstat "${command:-list}" --help 2>/dev/null)
	grouped=$(sed -n '/^With --group/,/\.$/{ /^With/d; s/\.$//; p }' <<<"$help" | tr '\n' ' ')
	if [[ -n $grouped && " ${words[*]:1:${#words[@]}-2} " == *\ --group[\ =]* ]]; then
		IFS=', ' read -ra columns <<<"$grouped"
	else
		mapfile -t columns < <(sed -n \
			's/^ [ *] \([A-Z_]\{2,\}\) .*/\1/p' <<<"$help")
	fi
	for column in "${columns[@]}"; do
		[[ $column != "${last^^}"* ]] || found+=("$start$done$column")
	done
}

# By name, or by path. A path is spelled as in the tables, and so is understood
# whatever is in it.
_shmstat_cgroups()
{
	local cgroups cgroup

	mapfile -t cgroups < <(shmstat --json 2>/dev/null | sed -n \
		's/^ *"\(cgroup\|path\)": *"\(.*\)",\{0,1\}$/\2/p' |
		sed 's/\\\(["\\]\)/\1/g' | sort -u)
	for cgroup in "${cgroups[@]}"; do
		[[ $cgroup != /* && $cgroup == *\\* ]] ||
			_shmstat_offer "$cgroup"
	done
}

# The argument of an option, of which $typed is there.
_shmstat_argument()
{
	local list

	case ${wants[$1]-} in
	LIST)
		_shmstat_columns
		compopt -o nospace 2>/dev/null
		;;
	COLUMN) _shmstat_columns ;;
	KIND)
		read -ra list < <(shmstat list --help 2>/dev/null |
			sed -n 's/^ [ *] KIND  *//p' | sed 's/,\| or / /g')
		_shmstat_offer "${list[@]}"
		;;
	KEY)
		read -ra list < <(shmstat list --help 2>/dev/null |
			sed -n '/^ *--group KEY /{n;s/,\| or / /g;p}')
		_shmstat_offer "${list[@]}"
		;;
	GROUP)
		read -ra list < <(shmstat plot --help 2>/dev/null |
			sed -n 's/^ *--by GROUP [^:]*: //p' | sed 's/,\| or / /g')
		_shmstat_offer "${list[@]}"
		;;
	WHEN)
		read -ra list < <(shmstat --help 2>/dev/null |
			sed -n 's/^ *--color WHEN [^:]*: //p' | sed 's/,\| or / /g')
		_shmstat_offer "${list[@]}"
		;;
	PID)
		list=(/proc/[0-9]*)
		_shmstat_offer "${list[@]#/proc/}"
		;;
	CGROUP) _shmstat_cgroups ;;
	USER)
		mapfile -t list < <(compgen -u)
		_shmstat_offer "${list[@]}"
		;;
	TIME) _shmstat_offer now today yesterday ;;
	PATH | FILE) compopt -o default 2>/dev/null ;;
	esac
}

_shmstat()
{
	local IFS=$' \t\n' words raw quote command waiting operands options
	local typed start='' found=() rest=${2-} head list i
	local -A wants

	COMPREPLY=()
	_shmstat_split "${COMP_LINE:0:COMP_POINT}"
	[[ ${#words[@]} -gt 1 ]] || return 0
	typed=${words[-1]}
	_shmstat_options list
	_shmstat_scan
	if [[ $command =~ ^[a-z]+$ ]]; then
		_shmstat_options "$command"
	else
		_shmstat_options
	fi
	_shmstat_scan

	if [[ -n $waiting ]]; then
		_shmstat_argument "$waiting"
	elif [[ -z $operands && $typed == --*=* ]]; then
		start=${typed%%=*}= typed=${typed#*=}
		_shmstat_argument "${start%=}"
	elif [[ -z $operands && $typed == -[!-]* ]]; then
		for ((i = 1; i < ${#typed}; i++)); do
			[[ -n ${wants[-${typed:i:1}]-} ]] || continue
			start=${typed:0:i+1} typed=${typed:i+1}
			_shmstat_argument "-${start: -1}"
			break
		done
	elif [[ -z $operands && $typed == -* ]]; then
		_shmstat_offer "${options[@]}"
	elif [[ -z $command ]]; then
		mapfile -t list < <(shmstat --help 2>/dev/null |
			sed -n 's/^ \([a-z]\{2,\}\) .*/\1/p')
		_shmstat_offer "${list[@]}"
	elif [[ $command == show ]]; then
		mapfile -t list < <(shmstat list -nr -o ID 2>/dev/null)
		_shmstat_offer "${list[@]}"
		[[ -n ${found[*]} ]] || compopt -o default 2>/dev/null
	elif [[ $command == record ]]; then
		compopt -o default 2>/dev/null
	fi

	# Only what is behind the last of COMP_WORDBREAKS is replaced; behind sudo and
	# the like, bash-completion tells it with the quote that is open.
	rest=${rest#"$quote"}
	head=${raw%"$rest"}
	_shmstat_split "$head"
	head=${words[-1]}
	for i in "${found[@]}"; do
		[[ $i != "$head"* ]] ||
			COMPREPLY+=("$(_shmstat_quote "${i#"$head"}")")
	done
}

complete -F _shmstat shmstat
