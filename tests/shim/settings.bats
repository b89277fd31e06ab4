#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The settings: their sources, their values and their effects.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	unset "${!RINGSHIM_@}"
	export RINGSHIM_CONFIG=
	settings=$top/tests/shim/settings
	# The calls that take part by default. counts() prints no others.
	on=$("$settings" | sed -n 's/^calls //p')
	head -c 100000 /dev/urandom >data
}

# shown NAME=VALUE... LINE: with these variables the library's settings contain LINE, and it reports
# no error.
shown() {
	local line=${!#}
	run env "${@:1:$#-1}" "$settings"
	assert_success
	assert_line "$line"
	refute_output --partial accepted
}

# refused NAME=VALUE...: each setting is reported in one line and changes nothing.
refused() {
	local setting
	"$settings" >default
	for setting; do
		env "$setting" "$settings" >result 2>complaint
		run cat complaint
		assert_equal "${#lines[@]}" 1
		assert_output --partial 'accepted is'
		diff default result
	done
}

# counts FILE [PROGRAM]: prints "CALL ROUTE REASON" for the calls in a statistics file.
counts() {
	awk -F'\t' -v program="${2-}" -v on=" $on " '
		index(on, " " $3 " ") && (program == "" || $2 == program) && $4 ~ /^(ring|direct)$/ {
			print $3, $4, $5
		}' "$1" |
		sort -u
}

# same_output PROGRAM ARGUMENT...: the program prints the same as natively; keeps standard error.
# The output goes to a pipe, because cat copies into a file without reading.
same_output() {
	"$@" >native
	with_shim "$@" 2>complaint | cmp native -
}

@test "the defaults are those of the table, and each of them can be given" {
	run "$settings"
	assert_line 'route ring'
	assert_line 'ring entries 64, sqpoll 0, idle 0 ms, cpu -1'
	assert_line 'timeouts'
	assert_line 'participates 1'
	assert_line 'stats none'
	assert_line 'stats_histograms 0'
	assert_line 'timings none'
	assert_line 'log none'
	assert_line 'check_descriptors 0'
	assert_line 'risk_shared_position 0'
	assert_line 'risk_sync_at_exit 0'
	assert_line --regexp '^calls .*\<read\>.*\<fsync\>.*\<recvmsg\>'
	env -u RINGSHIM_CONFIG "$settings" >default
	"$settings" --table | cut -f 1,3 | tr '\t' = >variables
	[ "$(wc -l <variables)" -ge 10 ]
	mapfile -t given <variables
	env "${given[@]}" "$settings" >result
	diff default result
}

@test "the route setting accepts ring, auto and direct" {
	for route in ring auto direct; do
		shown RINGSHIM_ROUTE=$route "route $route"
	done
	refused RINGSHIM_ROUTE={,rin,rings,Ring,' ring',ring\,auto}
}

@test "the setting of calls takes families and names, from left to right" {
	shown RINGSHIM_CALLS=read 'calls read'
	shown RINGSHIM_CALLS=write,read,write 'calls read write'
	shown RINGSHIM_CALLS=sync,-fdatasync,-sync_file_range 'calls fsync'
	shown RINGSHIM_CALLS=file,-file,read 'calls read'
	shown RINGSHIM_CALLS=read,-all,fsync 'calls fsync'
	every=$(env RINGSHIM_CALLS=all "$settings" | grep '^calls')
	usual=$("$settings" | grep '^calls')
	[ "$(wc -w <<<"$every")" -ge "$(wc -w <<<"$usual")" ]
	shown RINGSHIM_CALLS=default "$usual"
	shown RINGSHIM_CALLS=all,-all,default "$usual"
	shown RINGSHIM_CALLS=-read,read "$usual"
	shown RINGSHIM_CALLS=-write "${usual/ write / }"
	shown RINGSHIM_CALLS=-default,all "$every"
	# A list that begins with a positive item starts from no calls.
	shown RINGSHIM_CALLS=fsync,-read 'calls fsync'
	shown RINGSHIM_CALLS=-all 'calls'
	refused RINGSHIM_CALLS={,',',read\,,\,read,wite,READ,-,--read,read-,' read','read write',pread64}
}

@test "the setting of running ahead takes kinds, depth and bytes" {
	shown RINGSHIM_AHEAD=1 'ahead kinds 0xf, depth 32, bytes 131072'
	shown RINGSHIM_AHEAD=list,-list,start 'ahead kinds 0x8, depth 32, bytes 131072'
	shown RINGSHIM_AHEAD=sequence,depth=1 'ahead kinds 0x4, depth 1, bytes 131072'
	shown RINGSHIM_AHEAD=sequence,depth=128,bytes=4096 'ahead kinds 0x4, depth 128, bytes 4096'
	shown RINGSHIM_AHEAD=sequence,bytes=64k 'ahead kinds 0x4, depth 32, bytes 65536'
	shown RINGSHIM_AHEAD=sequence,bytes=16M 'ahead kinds 0x4, depth 32, bytes 16777216'

	refused RINGSHIM_AHEAD={depth=0,depth=129,depth=,depth=1k,bytes=4095,bytes=3k,bytes=17m,bytes=k}
	refused RINGSHIM_AHEAD={bytes=16777217,bytes=18446744073709551617,-depth=1,lists}
}

@test "the setting of rings takes entries, sqpoll and sqpoll-cpu" {
	shown RINGSHIM_RING=entries=1 'ring entries 1, sqpoll 0, idle 0 ms, cpu -1'
	shown RINGSHIM_RING=entries=4096 'ring entries 4096, sqpoll 0, idle 0 ms, cpu -1'
	shown RINGSHIM_RING=sqpoll 'ring entries 64, sqpoll 1, idle 0 ms, cpu -1'
	shown RINGSHIM_RING=sqpoll=50ms,entries=8 'ring entries 8, sqpoll 1, idle 50 ms, cpu -1'
	shown RINGSHIM_RING=sqpoll=2s 'ring entries 64, sqpoll 1, idle 2000 ms, cpu -1'
	shown RINGSHIM_RING=sqpoll=3000us 'ring entries 64, sqpoll 1, idle 3 ms, cpu -1'
	shown RINGSHIM_RING=sqpoll=1h 'ring entries 64, sqpoll 1, idle 3600000 ms, cpu -1'
	shown RINGSHIM_RING=sqpoll-cpu=3,sqpoll 'ring entries 64, sqpoll 1, idle 0 ms, cpu 3'
	refused RINGSHIM_RING={,entries,entries=,entries=0,entries=3,entries=8192,entries=-1,entries=1x}
	refused RINGSHIM_RING={entries=18446744073709551617,8,sqpoll=,sqpoll=50,sqpoll=0ms,sqpoll=1us}
	refused RINGSHIM_RING={sqpoll=1500us,sqpoll=2h,sqpoll=1.5s,sqpoll=-1s,sqpoll-cpu=1,sqpoll-cpu}
	refused RINGSHIM_RING={sqpoll\,sqpoll-cpu=8192,sqpoll\,,sqpol,sqpoll-cpu=one\,sqpoll}
}

@test "the setting of timeouts takes calls and families with times" {
	shown RINGSHIM_TIMEOUT=connect=3s,read=30s 'timeouts read=30000000000 connect=3000000000'
	shown RINGSHIM_TIMEOUT=connect=1ns,accept=2us,recv=3ms,send=4s,read=5m,write=6h \
		'timeouts read=300000000000 write=21600000000000 accept=2000 connect=1 send=4000000000 recv=3000000'
	shown RINGSHIM_TIMEOUT=read=100000h 'timeouts read=360000000000000000'
	shown RINGSHIM_TIMEOUT=all=1s,all=none 'timeouts'
	shown RINGSHIM_TIMEOUT=read=1s,read=2s 'timeouts read=2000000000'
	calls=$(RINGSHIM_CALLS=socket,-accept "$settings" | sed -n 's/^calls //p')
	wanted=$(for call in $calls; do printf ' %s=1000000' "$call"; done)
	shown RINGSHIM_TIMEOUT=socket=1ms,accept=none "timeouts$wanted"
	refused RINGSHIM_TIMEOUT={,1s,=1s,read,read=,read=1,read=s,read=0s,read=-1s,read=+1s,read=1.5s}
	refused RINGSHIM_TIMEOUT={read=1d,read=1S,'read=1 s',read=100001h,read=9223372036855s,none}
	refused RINGSHIM_TIMEOUT={read=99999999999999999999ns,wite=1s,-read=1s,read=1s\,,read=1s=2s}
	refused RINGSHIM_TIMEOUT={default=1s,read=6000001m,read=360000000000001ms}
}

@test "the setting of programs takes patterns, from left to right" {
	# Columns: the list, the program, and 1 if the program takes part.
	while read -r list program wanted; do
		run env RINGSHIM_PROGRAMS="$list" "$settings" "$program"
		assert_line "participates $wanted" || { echo "$list $program"; return 1; }
	done <<'END'
		cat             cat               1
		cat             /bin/cat          1
		cat             /bin/cat/dog      0
		cat             dog               0
		cat             cats              0
		cat             ca                0
		cat,dog         dog               1
		-cat            cat               0
		-cat            dog               1
		-cat,cat        cat               1
		c*,-cat         cat               0
		c*,-cat         cut               1
		cat,-dog        bird              0
		-c*,cat         cat               1
		-c*,cat         cut               0
		c?t             cut               1
		c?t             ct                0
		*               anything          1
		-*              anything          0
		*.sh            a.sh.sh           1
		*a*b*c          xaxbxbxc          1
		*a*b*c          xaxbxbx           0
		**              x                 1
		?bash           -bash             1
		[a]             [a]               1
		[a]             a                 0
END
	refused RINGSHIM_PROGRAMS={,',',-,cat\,,cat\,-,/bin/cat,-/cat,./cat}
}

@test "the settings of files and switches take their values" {
	shown RINGSHIM_STATS=counts 'stats counts'
	shown RINGSHIM_LOG='/tmp/a b' 'log /tmp/a b'
	shown RINGSHIM_TIMINGS=record 'timings record'
	shown RINGSHIM_STATS= 'stats none'
	shown RINGSHIM_STATS_HISTOGRAMS=1 'stats_histograms 1'
	shown RINGSHIM_CHECK_DESCRIPTORS=1 'check_descriptors 1'
	shown RINGSHIM_RISK_SHARED_POSITION=1 'risk_shared_position 1'
	shown RINGSHIM_RISK_SYNC_AT_EXIT=1 'risk_sync_at_exit 1'
	long=$(printf '%4096s' x)
	shown RINGSHIM_STATS="${long:1}" "stats ${long:1}"
	refused RINGSHIM_STATS="$long" RINGSHIM_LOG="$long"
	refused RINGSHIM_{STATS_HISTOGRAMS,CHECK_DESCRIPTORS,RISK_SHARED_POSITION,RISK_SYNC_AT_EXIT}={,2,01,yes,-1,' 1'}
}

@test "a random wrong value changes nothing and is reported in one line" {
	for seed in 1 2 3; do
		run "$settings" --fuzz $seed 200000
		assert_success
		assert_output --regexp '^[1-9][0-9]* of 200000 accepted$'
	done
	run "$settings" --fuzz $RANDOM 200000
	assert_success
}

@test "random values cause no error under the sanitizers" {
	$CC -fsanitize=address,undefined -x c -o probe - <<<'int main(void) { return 0; }' 2>/dev/null &&
		./probe || skip 'the compiler has no sanitizers'
	source=$abs_top_srcdir/src
	$CC -std=gnu11 -g -O1 -D_GNU_SOURCE -DSYSCONFDIR='"/etc"' -fsanitize=address,undefined \
		-fno-sanitize-recover -I"$source" -I"$top/src" -o sanitized \
		"$abs_top_srcdir/tests/shim/settings.c" "$source"/shim/config/settings-{fault,file,read,values}.c \
		"$source"/shim/{base/strview,base/sys,symbols/call-ids}.c
	run ./sanitized --fuzz $RANDOM 100000
	assert_success
	assert_output --partial accepted
}

@test "a wrong value is reported once, in one line, and the program runs unharmed" {
	while IFS= read -r setting; do
		export "$setting"
		same_output cat data
		run cat complaint
		assert_equal "${#lines[@]}" 1
		assert_output --partial "ringshim: ${setting:0:20}"
		assert_output --partial 'ignored, '
		unset "${setting%%=*}"
	done <<'END'
RINGSHIM_ROUTE=round
RINGSHIM_CALLS=read,wite
RINGSHIM_RING=entries=3
RINGSHIM_TIMEOUT=read=3
RINGSHIM_PROGRAMS=/bin/cat
RINGSHIM_CHECK_DESCRIPTORS=
END
	RINGSHIM_CALLS=read,wite same_output cat data
	run cat complaint
	assert_output --partial "'wite' is wrong, accepted is families (file, sync, socket"
	# The report stays one line without escape sequences, even if the value contains some.
	RINGSHIM_CALLS=$'read\n\e[31m' same_output cat data
	run cat complaint
	assert_equal "${#lines[@]}" 1
	assert_output --partial 'RINGSHIM_CALLS=read??[31m: ignored'
	RINGSHIM_CALLS=$(printf '%90000s' x) same_output cat data
	[ "$(wc -c <complaint)" -lt 1000 ]
}

@test "a wrong value is harmless without a standard error to report it on" {
	run bash -c 'LD_PRELOAD=$1 RINGSHIM_ROUTE=x exec cat data 2>&-' - "$shim"
	assert_success
	LD_PRELOAD=$shim RINGSHIM_ROUTE=x cat data 2>&- | cmp - data
}

@test "the first variable of a name counts, as with getenv" {
	$CC -x c -o twice - <<'END'
#include <unistd.h>
int main(int argc, char **argv)
{
	char *environment[] = {
		"RINGSHIM_ROUTE=direct", "RINGSHIM_ROUTE=auto", "RINGSHIM_ROUTER=x", "RINGSHIM_CONFIG=",
		"XRINGSHIM_ROUTE=auto", "RINGSHIM_ROUT=x", "RINGSHIM_", "", NULL
	};
	execve(argv[1], argv + 1, environment);
	return 1;
}
END
	run ./twice "$settings"
	assert_success
	assert_line 'route direct'
	refute_output --partial accepted
}

@test "RINGSHIM_CALLS makes exactly the listed calls take the ring, as strace shows" {
	head -c 30000 /dev/zero | tr '\0' x >data
	for list in read write -read file,-write; do
		case $list in
		read | file,-write) gone=read left=write ;;
		*) gone=write left=read ;;
		esac
		rm -f stats
		RINGSHIM_CALLS=$list RINGSHIM_STATS=$PWD/stats \
			strace -qq -o trace -e trace=read,write,io_uring_enter -E LD_PRELOAD="$shim" \
			cat data | cmp - data
		cat trace
		run grep -c "^$gone([0-9]*, \"x" trace
		assert_output 0
		run grep -c "^$left([0-9]*, \"x" trace
		assert_output 1
		run counts stats cat
		assert_line "$left direct setting"
		assert_line "$gone ring -"
		[ "${#lines[@]}" -eq 2 ]
		[ "$(operations_in trace)" -eq \
			"$(calls_counted stats '*' ring '*' cat)" ]
	done
}

@test "RINGSHIM_CALLS takes families, and all other calls go direct with reason setting" {
	for list in sync socket -socket -file,-sync socket,fsync; do
		RINGSHIM_CALLS=$list "$settings" | sed -n 's/^calls //p' | tr ' ' '\n' | sort >chosen
		rm -f stats
		RINGSHIM_CALLS=$list RINGSHIM_STATS=$PWD/stats with_shim "$top/tests/shim/basic-calls" file \
			2>"out.$list"
		counts stats | awk '$2 == "ring" || $3 != "setting" { print $1 }' | sort -u >ring
		counts stats | awk '$3 == "setting" { print $1 }' | sort -u >left
		[ -s ring ]
		[ -s left ]
		run comm -23 ring chosen
		assert_output ''
		run comm -12 left chosen
		assert_output ''
	done
	"$top/tests/shim/basic-calls" file 2>native
	for out in out.*; do
		diff native "$out"
	done
}

@test "RINGSHIM_PROGRAMS selects programs of a process tree, and the others make no ring" {
	cat >script.sh <<'END'
#!/bin/sh
read -r line <data
cat data
head -c 10 data
END
	chmod +x script.sh
	./script.sh >native
	while read -r list with without; do
		rm -f stats traces.*
		RINGSHIM_PROGRAMS=$list RINGSHIM_STATS=$PWD/stats \
			strace -ff -qq -o traces -e trace=execve,io_uring_setup -E LD_PRELOAD="$shim" \
			./script.sh | cmp native -
		for program in ${with//,/ }; do
			counts stats "$program" | grep ' ring '
			run grep -c setting <(counts stats "$program")
			assert_output 0
		done
		for program in ${without//,/ }; do
			run counts stats "$program"
			assert_output --partial 'direct setting'
			refute_output --partial ' ring '
		done
		# strace writes one file for each process: each program that takes part makes one
		# ring.
		[ "$(grep -l io_uring_setup traces.* | wc -l)" -eq "$(wc -w <<<"${with//,/ }")" ]
	done <<'END'
		cat             cat                 script.sh,head
		-cat            script.sh,head      cat
		c*,head         cat,head            script.sh
		script.sh       script.sh           cat,head
		dash,bash,sh    script.sh           cat,head
		-*sh            cat,head            script.sh
		-*              ,                   cat,head,script.sh
END
}

@test "RINGSHIM_PROGRAMS matches the file name, not the given argv[0]" {
	for list in cat tac; do
		rm -f stats
		RINGSHIM_PROGRAMS=$list RINGSHIM_STATS=$PWD/stats LD_PRELOAD=$shim \
			bash -c 'exec -a /nowhere/tac cat data' | cmp - data
		counts stats cat | grep 'read ring'
		run counts stats bash
		refute_output --partial ' ring '
	done
}

@test "fork keeps the settings when the environment changes, and exec reads them again" {
	cat >tree.py <<'END'
import os, sys
os.environ["RINGSHIM_ROUTE"] = "direct"
os.environ["RINGSHIM_STATS"] = sys.argv[1]
pid = os.fork()
if pid == 0:
    os.read(os.open("data", os.O_RDONLY), 10)
    os.execvp("cat", ["cat", "data"])
os.waitpid(pid, 0)
END
	python=$(python_program)
	RINGSHIM_STATS=$PWD/first LD_PRELOAD=$shim "$python" tree.py "$PWD/second" | cmp - data
	child=$(awk -F'\t' '{ print $1 }' second | sort -u)
	[ "$(wc -w <<<"$child")" -eq 1 ]
	# Selects the child by its process id; these are its calls before it executes cat.
	awk -F'\t' -v child="$child" '$1 == child && $4 == "ring" { n += $6 } END { exit !n }' first
	run counts second cat
	assert_output --partial 'read direct setting'
	refute_output --partial ' ring '
}

@test "a configuration file can have comments, blank lines and blanks around lines" {
	printf '%s\n' '# RINGSHIM_ROUTE=direct' '' '   ' $'\t# x' '  RINGSHIM_CALLS=read  ' \
		$'RINGSHIM_RING=entries=4\r' RINGSHIM_ROUTE=direct RINGSHIM_ROUTE=auto \
		'RINGSHIM_LOG=/tmp/with blank#' >conf
	printf 'RINGSHIM_CHECK_DESCRIPTORS=1' >>conf
	RINGSHIM_CONFIG=conf run "$settings"
	assert_line 'config conf'
	assert_line 'calls read'
	assert_line 'ring entries 4, sqpoll 0, idle 0 ms, cpu -1'
	assert_line 'route auto'
	assert_line 'log /tmp/with blank#'
	assert_line 'check_descriptors 1'
	refute_output --partial accepted
}

@test "each wrong line of the configuration file is reported by number, and the others count" {
	cat >conf <<'END'
RINGSHIM_ROUTE=round

RINGSHIM_CALLS=read
	nonsense
RINGSHIM_COLOUR=red
RINGSHIM_CONFIG=other
RINGSHIM_TIMEOUT = read=3s
PATH=/bin
END
	run env RINGSHIM_CONFIG=conf "$settings"
	assert_line 'calls read'
	assert_line 'conf:1: RINGSHIM_ROUTE=round: accepted is ring, auto or direct'
	for start in 'conf:4: nonsense:' 'conf:5: RINGSHIM_COLOUR=red:' 'conf:6: RINGSHIM_CONFIG=other:' \
		'conf:7: RINGSHIM_TIMEOUT = read=3s:' 'conf:8: PATH=/bin:'; do
		assert_line --regexp "^$start accepted is a comment after #, or NAME=VALUE with one of RINGSHIM_ROUTE,"
	done
	[ "$(grep -c accepted <<<"$output")" -eq 6 ]
	export RINGSHIM_CONFIG=$PWD/conf
	same_output cat data
	[ "$(grep -c "^ringshim: $PWD/conf:[0-9]: .*: ignored, accepted is" complaint)" -eq 6 ]
	[ "$(wc -l <complaint)" -eq 6 ]
}

@test "the environment wins over the file, but a wrong variable does not" {
	printf 'RINGSHIM_CALLS=read\nRINGSHIM_ROUTE=auto\nRINGSHIM_STATS=/nowhere\n' >conf
	export RINGSHIM_CONFIG=conf
	shown RINGSHIM_CALLS=write 'calls write'
	shown RINGSHIM_CALLS=write 'route auto'
	shown RINGSHIM_STATS= 'stats none'
	run env RINGSHIM_ROUTE=round "$settings"
	assert_line 'route auto'
	assert_line --partial 'RINGSHIM_ROUTE=round: accepted'
	RINGSHIM_ROUTE=ring RINGSHIM_STATS=$PWD/stats same_output cat data
	run counts stats
	assert_line 'read ring -'
	assert_line 'write direct setting'
}

@test "a configuration file must be text of at most 64 KiB" {
	head -c $((64 * 1024 - 20)) /dev/zero | tr '\0' '\n' >conf
	printf 'RINGSHIM_ROUTE=auto\n' >>conf
	[ "$(wc -c <conf)" -eq $((64 * 1024)) ]
	RINGSHIM_CONFIG=conf shown 'route auto'
	echo >>conf
	run env RINGSHIM_CONFIG=conf "$settings"
	assert_line 'conf: it is larger than 64 KiB'
	assert_line 'route ring'
	printf 'RINGSHIM_ROUTE=auto\n\0' >conf
	run env RINGSHIM_CONFIG=conf "$settings"
	assert_line 'conf: it is not a text file'
	assert_line 'route ring'
	run env RINGSHIM_CONFIG=/dev/zero "$settings"
	assert_line '/dev/zero: it is larger than 64 KiB'
	: >conf
	RINGSHIM_CONFIG=conf shown 'route ring'
}

@test "an unreadable configuration file is reported once, and nothing waits for it" {
	mkdir directory
	mkfifo pipe
	for file in directory 'it is a directory' missing 'there is no such file' \
		data/x 'there is no such file'; do
		case $file in
		it*|there*)
			export RINGSHIM_CONFIG=$name
			same_output cat data
			run cat complaint
			assert_output "ringshim: $name: ignored, $file" ;;
		*) name=$file ;;
		esac
	done
	RINGSHIM_CONFIG=pipe run --separate-stderr timeout 300 env LD_PRELOAD="$shim" cat data
	assert_success
	assert_equal "$stderr" ''
	: >conf
	chmod 0 conf
	user=()
	[ "$(id -u)" -ne 0 ] ||
		user=(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all)
	place=$(mktemp -d)
	chmod 755 "$place"
	cp "$settings" conf "$place"
	run "${user[@]}" env RINGSHIM_CONFIG="$place/conf" "$place/settings"
	rm -rf "$place"
	assert_success
	assert_line "$place/conf: it may not be read"
}

@test "the default configuration file costs one failed open, and none when switched off" {
	file=$("$settings" --table | awk -F'\t' '$1 == "RINGSHIM_CONFIG" { print $3 }')
	[ "$file" = "${file%/ringshim.conf}/ringshim.conf" ]
	[ ! -e "$file" ] || skip "$file is there on this machine"
	strace -qq -o trace -E LD_PRELOAD="$shim" -E RINGSHIM_CONFIG true
	strings=$(grep -c "\"$file\"" trace) || true
	assert_equal "$strings" 1
	grep "^openat(AT_FDCWD, \"$file\", .* = -1 ENOENT" trace
	strace -qq -o trace -E LD_PRELOAD="$shim" -E RINGSHIM_CONFIG= true
	run grep "$file" trace
	assert_output ''
	run env -u RINGSHIM_CONFIG LD_PRELOAD="$shim" cat data
	assert_success
	run bash -c 'env -u RINGSHIM_CONFIG LD_PRELOAD="$1" cat data 2>&1 >/dev/null' - "$shim"
	assert_output ''
}

@test "the default configuration file applies to every program" {
	file=$("$settings" --table | awk -F'\t' '$1 == "RINGSHIM_CONFIG" { print $3 }')
	directory=${file%/*}
	[ -d "$directory" ] || skip "there is no directory $directory to put one over"
	unshare --user --map-root-user --mount true 2>/dev/null ||
		skip 'no mount namespace can be made'
	mkdir site
	printf 'RINGSHIM_CALLS=read\nRINGSHIM_STATS=%s/stats\nRINGSHIM_ROUTE=x\n' "$PWD" >site/ringshim.conf
	unset RINGSHIM_CONFIG
	run unshare --user --map-root-user --mount sh -c 'mount --bind site "$1" &&
		LD_PRELOAD=$2 cat data | cmp data' - "$directory" "$shim"
	assert_output "ringshim: $file:3: RINGSHIM_ROUTE=x: ignored, accepted is ring, auto or direct"
	run counts stats cat
	assert_line 'read ring -'
	assert_line 'write direct setting'
}

@test "a program in secure execution mode gets the defaults" {
	need_root 'make such a program'
	place=$(mktemp -d)
	chmod 755 "$place"
	cp "$shim" "$place"
	printf 'RINGSHIM_ROUTE=y\nRINGSHIM_LOG=x\n' >"$place/conf"
	$CC -Wl,-rpath,"$place" -o "$place/program" -x c - -x none "$place/libringshim.so" <<'END'
#include <stdio.h>
#include <sys/auxv.h>
#include <unistd.h>
int main(void)
{
	char c;

	printf("secure %lu, %d byte\n", getauxval(AT_SECURE), (int)read(0, &c, 1));
	return 0;
}
END
	export RINGSHIM_STATS=$place/stats RINGSHIM_ROUTE=x RINGSHIM_CONFIG=$place/conf
	run "$place/program" <data
	assert_line 'secure 0, 1 byte'
	assert_line --partial 'RINGSHIM_ROUTE=x: ignored'
	assert_line --partial 'conf:1: RINGSHIM_ROUTE=y: ignored'
	[ -s "$place/stats" ]
	rm "$place/stats"
	chown 65534 "$place/program"
	chmod u+s,a+x "$place/program"
	run "$place/program" <data
	made=$(ls "$place")
	rm -rf "$place"
	case $output in 'secure 0'*) skip "set-user-id has no effect in ${TMPDIR:-/tmp}" ;; esac
	assert_output 'secure 1, 1 byte'
	assert_equal "$made" $'conf\nlibringshim.so\nprogram'
}

@test "reading the settings allocates no memory" {
	cat >malloc.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
extern void *__libc_malloc(size_t size);
static int calls;
void *malloc(size_t size) { calls++; return __libc_malloc(size); }
int main(void)
{
	char digit = (char)('0' + calls);

	return write(1, &digit, 1) != 1;
}
END
	$CC -fno-builtin -o malloc malloc.c
	printf 'RINGSHIM_ROUTE=round\nRINGSHIM_CALLS=read,write\n' >conf
	native=$(./malloc)
	RINGSHIM_CONFIG=conf RINGSHIM_PROGRAMS='m*,-x' RINGSHIM_TIMEOUT=all=1s RINGSHIM_RING=x \
		run --separate-stderr with_shim ./malloc
	assert_output "$native"
	assert_equal "${#stderr_lines[@]}" 2
}

@test "the example file sets nothing, and each of its commented settings is accepted" {
	example=$abs_top_srcdir/doc/ringshim.conf.example
	"$settings" | grep -v '^config' >default
	RINGSHIM_CONFIG=$example "$settings" 2>complaint | grep -v '^config' >result
	diff default result
	grep '^#RINGSHIM' "$example" | tr -d '#' >conf
	[ "$(wc -l <conf)" -ge 3 ]
	RINGSHIM_CONFIG=conf "$settings" 2>>complaint | grep -v '^config' >result
	run diff default result
	assert_failure
	run cat complaint
	assert_output ''
}

@test "the manual has every setting with its values and its default, and no other" {
	"$settings" --table | awk -F'\t' '{
		if ($1 == "RINGSHIM_CONFIG") $3 = "SYSCONFDIR/ringshim.conf"
		print $1 "=" $2; print "default: " ($3 == "" ? "no file" : $3) }' >table
	[ "$(wc -l <table)" -ge 20 ]
	# \: is where a line may be broken.
	awk '/^\.It Ev RINGSHIM_.* Ns = Ns Ar / { gsub(/\\:/, ""); print $3 $5 $8 }
		$0 == "The default is no file." { print "default: no file" }
		$0 == "The default is" { getline; print "default: " $2 }' "$abs_top_srcdir/doc/ringshim.7.in" |
		diff table -
}
