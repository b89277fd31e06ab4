#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Programs that pass bytes on: socat and nc over sockets, pipes and ptys.

load ../lib/programs

setup_file() {
	make_input
	python=$(python_program)
	export python
}

@test "socat streams both ways at once over TCP" {
	need socat
	alike <<'END'
	start socat socat -dd -t 10 TCP4-LISTEN:0,bind=127.0.0.1 "FILE:$input/noise!!CREATE:uploaded"
	port=$(logged socat 's/.*listening on AF=2 127.0.0.1:\([0-9]*\).*/\1/p')
	socat -t 10 "TCP4:127.0.0.1:$port" "FILE:$input/text!!CREATE:downloaded"; echo $?
	wait "$server"; echo $?
	cmp uploaded "$input/text" && cmp downloaded "$input/noise" && echo whole
	# The same with large and with tiny blocks.
	for size in 37 1000000; do
		start socat socat -dd -t 10 -b $size TCP4-LISTEN:0,bind=127.0.0.1 "FILE:$input/numbers!!CREATE:up.$size"
		port=$(logged socat 's/.*listening on AF=2 127.0.0.1:\([0-9]*\).*/\1/p')
		socat -t 10 -b $size "TCP4:127.0.0.1:$port" "FILE:$input/tree/LICENSE!!CREATE:down.$size"; echo $?
		wait "$server"; echo $?
	done
END
	ring_took 20 socat read
	ring_took 20 socat write
}

@test "nc streams over TCP until one side shuts down, and refused connections fail" {
	need nc socat
	alike <<'END'
	# The server answers only after the client has shut down its sending side.
	start socat socat -dd -t 10 TCP4-LISTEN:0,bind=127.0.0.1 'EXEC:sha256sum'
	port=$(logged socat 's/.*listening on AF=2 127.0.0.1:\([0-9]*\).*/\1/p')
	nc -N 127.0.0.1 "$port" <"$input/noise"; echo $?
	wait "$server"; echo $?
	# nc listens and sends, then it listens and receives.
	: >"$scratch/nc.log"
	nc -v -N -l 127.0.0.1 0 <"$input/noise" 2>>"$scratch/nc.log" & server=$!
	port=$(logged nc 's/^Listening on [^ ]* \([0-9]*\).*/\1/p')
	nc 127.0.0.1 "$port" </dev/null >down; echo $?
	wait $server; echo $?
	: >"$scratch/nc.log"
	nc -v -l 127.0.0.1 0 >up 2>>"$scratch/nc.log" & server=$!
	port=$(logged nc 's/^Listening on [^ ]* \([0-9]*\).*/\1/p')
	nc -N 127.0.0.1 "$port" <"$input/noise"; echo $?
	wait $server; echo $?
	cmp up "$input/noise" && cmp down "$input/noise" && echo whole
	# Nobody listens on that port any more, so connect is refused.
	nc -z 127.0.0.1 "$port"; echo $?
	# The server sends nothing, and nc has a timeout of its own.
	nc -v -l 127.0.0.1 0 >/dev/null 2>"$scratch/idle.log" & server=$!
	port=$(logged idle 's/^Listening on [^ ]* \([0-9]*\).*/\1/p')
	{ echo hello; sleep 0.1; } | nc -w 1 -N 127.0.0.1 "$port"; echo $?
	wait $server; echo $?
END
	ring_took 20 nc read
}

@test "socat and nc work over stream and datagram unix sockets with many clients" {
	need nc socat
	alike <<'END'
	start stream socat "UNIX-LISTEN:$scratch/stream,fork,backlog=32" EXEC:cat; stream=$server
	await 100 test -S "$scratch/stream"
	for i in 1 2 3 4 5 6; do
		(head -c $((i * 50000)) "$input/noise" | nc -U -N "$scratch/stream" >"$scratch/echo.$i") & clients="${clients-} $!"
	done
	wait $clients
	for i in 1 2 3 4 5 6; do head -c $((i * 50000)) "$input/noise" | cmp - "$scratch/echo.$i" && echo same; done
	ended "$stream"; echo $?
	start datagram socat -u "UNIX-RECV:$scratch/datagram" "CREATE:got"; datagram=$server
	await 100 test -S "$scratch/datagram"
	for i in $(seq 20); do echo "datagram $i" | socat -u - "UNIX-SENDTO:$scratch/datagram"; done
	await 100 grep -q 'datagram 20' got
	ended "$datagram"; echo $?
	port=$(free_port)
	start udp socat -dd -u "UDP4-RECV:$port,bind=127.0.0.1" CREATE:udp; udp=$server
	await 100 grep -q 'starting data transfer' "$scratch/udp.log"
	for i in $(seq 20); do echo "packet $i"; sleep 0.01; done | socat -u - "UDP4-SENDTO:127.0.0.1:$port"
	await 100 grep -q 'packet 20' udp
	ended "$udp"; echo $?
	socat -u "FILE:$input/text" SYSTEM:'cat; sleep 0.1' | digest
	socat -u SYSTEM:"cat \"$input/text\"" SYSTEM:'cat >piped; sleep 0.1'; cmp piped "$input/text" && echo same
END
	ring_took 20 socat
}

@test "socat works with ptys, a program on a pty, and a shell behind a socket" {
	need socat expect
	alike <<'END'
	# A program on a terminal, which changes the line ends of its output.
	cat >"$scratch/lines" <<-'LINES'
		stty rows 24 cols 80
		while read -r line && [ "$line" != last ]; do echo "got $line"; done
		tty | grep -c pts
		stty size
		: >"$1"
	LINES
	{ sleep 0.3; printf '%s\n' one two '' last; await 100 test -e "$scratch/done"; sleep 0.2; } |
		socat -t 0.5 - EXEC:"bash $scratch/lines $scratch/done",pty,setsid,ctty,echo=0
	# A file passes through a raw pty.
	start line socat -u "PTY,link=$scratch/tty,raw,echo=0,wait-slave" CREATE:line; line=$server
	await 100 test -e "$scratch/tty"
	(cat "$input/numbers"; sleep 0.3) | socat -u - "FILE:$scratch/tty,raw,echo=0"; echo $?
	wait "$line" 2>/dev/null
	cmp line "$input/numbers" && echo same
	# A shell on a pty behind a connection, as sshd runs it.
	start shell socat -dd TCP4-LISTEN:0,bind=127.0.0.1 EXEC:'bash --norc --noprofile',pty,stderr,setsid,ctty,echo=0; shell=$server
	port=$(logged shell 's/.*listening on AF=2 127.0.0.1:\([0-9]*\).*/\1/p')
	cat >"$scratch/shell.exp" <<'EXPECT'
	log_user 0
	set timeout 120
	proc want {what} {
		expect {
			-re $what { puts "seen $what" }
			default { puts "waited in vain for $what"; exit 1 }
		}
	}
	spawn socat STDIO,raw,echo=0 TCP4:127.0.0.1:[lindex $argv 0]
	send "PS1='ready> '\n"
	want "ready> "
	send "echo \$((6 * 7))\n"
	want "42\r\n.*ready> "
	send "seq 1 20000 | tail -n 10001\n"
	want "10000\r\n"
	want "19999\r\n20000\r\n.*ready> "
	send "cat\n"
	sleep 0.2
	send "through cat\n"
	want "through cat\r\n"
	send "\004"
	want "ready> "
	send "sleep 20\n"
	sleep 0.3
	send "\003"
	want "ready> "
	send "echo status \$?\n"
	want "status 130\r\n.*ready> "
	send "exit 4\n"
	expect eof
	puts "status [lindex [wait] 3]"
EXPECT
	expect -f "$scratch/shell.exp" "$port"
	wait "$shell"; echo $?
END
	ring_took 1 socat
}
