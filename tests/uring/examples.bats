#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

load uring.bash

examples="$abs_top_builddir/examples"

# Writes a file of the given size whose bytes vary.
make_file() { # FILE SIZE
	seq 1 1000000 | head -c "$2" >"$1"
}

@test "every example has a test" {
	local example

	for example in "$abs_top_srcdir"/examples/*.c; do
		grep -q "examples\"*/$(basename "$example" .c)\"*\b" "$BATS_TEST_FILENAME" ||
			{ echo "$example"; return 1; }
	done
}

@test "the example cat prints files" {
	cd "$BATS_TEST_TMPDIR"
	make_file large 3000000
	: >empty
	"$examples"/cat large empty "$abs_top_srcdir/LICENSE" >out
	cat large empty "$abs_top_srcdir/LICENSE" | cmp - out
	# More files than the queue has entries.
	for i in {1..70}; do echo $i >f$i; done
	"$examples"/cat f{1..70} | cmp - <(seq 1 70)
	run ! "$examples"/cat none
	[ "$output" = 'cat: open none: No such file or directory' ]
	run -2 "$examples"/cat
}

@test "the example copy copies files" {
	cd "$BATS_TEST_TMPDIR"
	for size in 0 1 65536 65537 2000000; do
		make_file from $size
		"$examples"/copy from to
		cmp from to
	done
	run ! "$examples"/copy none to
	[ "$output" = 'copy: none: No such file or directory' ]
	run -2 "$examples"/copy
}

@test "the example echo-server serves two clients at once" {
	cd "$BATS_TEST_TMPDIR"
	make_file data 1000000
	"$examples"/echo-server >port 3>&- &
	server=$!
	wait_for port
	port=$(cat port)
	for round in 1 2 3; do
		exec 5<>/dev/tcp/127.0.0.1/$port 6<>/dev/tcp/127.0.0.1/$port
		echo hello >&6
		timeout 300 cat data >&5 &
		sender=$!
		timeout 300 head -c 1000000 <&5 | cmp - data || { kill $server $sender; return 1; }
		wait $sender
		read -r -t 10 line <&6
		[ "$line" = hello ] || { kill $server; return 1; }
		exec 5>&- 6>&-
	done
	kill $server
	wait $server || true
}

@test "the example timeouts ends its waits in time" {
	cd "$BATS_TEST_TMPDIR"
	mkfifo quiet
	exec 5<>quiet
	"$examples"/timeouts <&5 >out
	[ "$(head -2 out)" = $'read: nothing in time\nwait: nothing in time' ]
	grep -qx 'poll: Operation canceled' out
	grep -qx 'cancel: 0' out
	echo line | "$examples"/timeouts >out
	[ "$(head -1 out)" = 'read: 5 bytes' ]
}

@test "the example sqpoll sums up a file" {
	cd "$BATS_TEST_TMPDIR"
	make_file data 1000000
	sum=$(od -An -v -tu1 -w1 data | awk '{ n += $1 } END { print n }')
	run -0 "$examples"/sqpoll data
	[[ $output == "sum $sum, entered "*' times' ]]
	run -2 "$examples"/sqpoll
}

@test "the example messages exchanges 1000 messages" {
	run -0 timeout 300 "$examples"/messages
	[ "$output" = '1000 and 1001' ]
}

@test "the example features lists the operations of the kernel" {
	run -0 "$examples"/features
	[ "${#lines[@]}" -eq 65 ]
	run -0 "$examples"/features nop read
	[ "$output" = $'nop: available\nread: available' ]
	run -2 "$examples"/features nonsense
	[ "$output" = 'features: no operation is called "nonsense"' ]
}
