#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Interactive programs, each on a terminal of its own.

load ../lib/programs

setup_file() {
	make_input
	python=$(python_program)
	export python
}

@test "script records a session" {
	need script
	alike <<'END'
	script -qec 'tty | grep -c pts; echo done' /dev/null
	script -qec 'exit 7' /dev/null; echo $?
	script -qec "cat \"$input/text\"" "$scratch/typescript" | tr -d '\r' | digest
	wc -c <"$scratch/typescript" | awk '{ print ($1 > 10000) }'
	{ echo 'echo from $((40 + 2))'; sleep 0.4; echo exit; sleep 0.3; } |
		script -qec 'env PS1= bash --norc --noprofile --noediting' /dev/null | tr -d '\r' | grep -c '^from 42'
	script -qec 'seq 1 30000' /dev/null | tr -d '\r' | digest
END
	ring_took 0 script
	grep -q "$(printf '\tscript\t')" "$BATS_TEST_TMPDIR/ring.stats"
}

@test "tmux runs a shell and shows what it printed" {
	need tmux
	alike <<'END'
	tmux=(tmux -f /dev/null -S "$scratch/tmux.sock")
	SHELL=/bin/bash start tmux "${tmux[@]}" -D
	await 100 test -S "$scratch/tmux.sock"
	shows() { "${tmux[@]}" capture-pane -p -t work | grep -q "$1"; }
	"${tmux[@]}" new-session -d -s work -x 80 -y 24 "env PS1='$ ' bash --norc --noprofile"
	await 100 shows '^\$'
	"${tmux[@]}" send-keys -t work 'echo $((6 * 7)) is the answer' Enter
	await 100 shows '^42 is'
	"${tmux[@]}" send-keys -t work 'cat' Enter 'typed into cat' Enter C-d
	await 100 shows '^typed into cat'
	"${tmux[@]}" send-keys -t work 'sleep 30' Enter
	sleep 3
	"${tmux[@]}" send-keys -t work C-c
	"${tmux[@]}" send-keys -t work 'echo status $?' Enter
	await 100 shows '^status 130'
	"${tmux[@]}" send-keys -t work 'sleep 30' Enter
	sleep 3
	"${tmux[@]}" send-keys -t work C-z
	"${tmux[@]}" send-keys -t work 'jobs | sed s/30.*/30/; kill %1; wait; echo gone' Enter
	await 100 shows '^gone'
	"${tmux[@]}" split-window -t work "seq 1 2000; echo finished; sleep 30"
	await 100 shows '^finished'
	"${tmux[@]}" capture-pane -p -t work | tail -n 5
	"${tmux[@]}" capture-pane -p -t work.0 | grep -E '^(42|typed|status|gone)'
	"${tmux[@]}" list-panes -t work -F '#{pane_index} #{pane_dead}'
	"${tmux[@]}" kill-server
	wait "$server"; echo $?
END
	ring_took 1 "tmux: server" || ring_took 1 bash || ring_took 1 cat
}

@test "expect talks to a shell, python, sqlite3 and bc" {
	need expect bc sqlite3 python3
	alike <<'END'
	cat >"$scratch/talk.exp" <<'EXPECT'
	log_user 0
	set timeout 120
	proc want {what} {
		expect {
			-re $what { puts "seen $what" }
			timeout { puts "waited in vain for $what"; exit 1 }
			eof { puts "ended before $what"; exit 1 }
		}
	}
	proc finish {} {
		expect eof
		puts "status [lindex [wait] 3]"
	}
	set env(PS1) "ready> "
	set env(TERM) dumb
	spawn bash --norc --noprofile
	want "ready> "
	send "echo \$((6 * 7))\r"
	want "\[\r\n\]42\r\n"
	want "ready> "
	send "read -s -p 'pass''word: ' secret; echo; echo \"<\$secret>\"\r"
	want "password: "
	send "hidden\r"
	want "<hidden>"
	want "ready> "
	send "cat\r"
	sleep 1
	send "line\r"
	want "line\r\nline\r\n"
	send "\003"
	want "ready> "
	send "echo \$?\r"
	want "\[\r\n\]130\r\n"
	want "ready> "
	send "cat\r"
	sleep 0.2
	send "\032"
	want "Stopped"
	want "ready> "
	send "fg\r"
	want "cat"
	send "again\r"
	want "again\r\nagain\r\n"
	send "\004"
	want "ready> "
	send "read -t 0.3 nothing; echo \$((\$? > 128))\r"
	want "\[\r\n\]1\r\n"
	want "ready> "
	send "exit 5\r"
	finish
	spawn $env(python) -q -i
	want ">>> "
	send "print(6 * 7)\r"
	want "42"
	want ">>> "
	send "import time; time.sleep(20)\r"
	sleep 1
	send "\003"
	want "KeyboardInterrupt"
	want ">>> "
	send "input('say: ')\r"
	want "say: "
	send "something\r"
	want "'something'"
	send "exit(3)\r"
	finish
	spawn sqlite3 -list
	want "sqlite> "
	send "select 6 * 7;\r"
	want "\[\r\n\]42\r\n"
	send ".quit\r"
	finish
	spawn bc -q
	send "2 ^ 100\r"
	want "1267650600228229401496703205376"
	send "quit\r"
	finish
EXPECT
	expect -f "$scratch/talk.exp"
END
	ring_took 0 expect
	grep -q "$(printf '\texpect\t')" "$BATS_TEST_TMPDIR/ring.stats"
}

# sshd needs the directory /run/sshd. The test mounts a /run of its own, to leave the system's alone.
@test "ssh runs commands and shells in an sshd with a seccomp filter" {
	need ssh sshd expect
	need_root 'run an sshd that logs users in'
	unshare --mount true 2>/dev/null || skip 'no mount namespace can be made for /run/sshd'
	alike <<'END'
	mkdir -p "$scratch/ssh"
	ssh-keygen -q -t ed25519 -N '' -f "$scratch/ssh/host"
	ssh-keygen -q -t ed25519 -N '' -f "$scratch/ssh/user"
	cat >"$scratch/ssh/server" <<-CONF
	HostKey $scratch/ssh/host
	AuthorizedKeysFile $scratch/ssh/user.pub
	PermitRootLogin yes
	StrictModes no
	UsePAM no
	PidFile none
	PrintMotd no
	PrintLastLog no
	Subsystem sftp internal-sftp
	PermitUserEnvironment yes
	SetEnv programs_run=$programs_run
	CONF
	cat >"$scratch/ssh/run" <<-'RUN'
	#!/bin/sh
	mount -t tmpfs none /run && mkdir -m 755 /run/sshd
	exec /usr/sbin/sshd -i -e -f "$1" 2>>"$1.log"
	RUN
	cat >"$scratch/ssh/client" <<-CONF
	Host *
		IdentityFile $scratch/ssh/user
		ProxyCommand unshare --mount sh $scratch/ssh/run $scratch/ssh/server
		StrictHostKeyChecking no
		UserKnownHostsFile $scratch/ssh/known
		LogLevel ERROR
		User $(id -un)
	CONF
	ssh=(ssh -F "$scratch/ssh/client")
	"${ssh[@]}" here 'echo from $((40 + 2)); exit 3'; echo $?
	"${ssh[@]}" here sha256sum <"$input/noise"
	"${ssh[@]}" here "cat $input/noise" | digest
	"${ssh[@]}" -C here cat <"$input/noise" | digest
	"${ssh[@]}" here 'echo error >&2; kill -TERM $$'; echo $?
	(cd "$input" && tar -cf - tree) | "${ssh[@]}" here "mkdir $PWD/copy && tar -C $PWD/copy -xf -"; echo $?
	scp -q -F "$scratch/ssh/client" "$input/noise" "here:$PWD/scp"; echo $?
	rsync -rlpt -e "ssh -F $scratch/ssh/client" "$input/tree/" "here:$PWD/rsync/"; echo $?
	echo "get $input/text sftp" | sftp -q -F "$scratch/ssh/client" -b - here >/dev/null; echo $?
	# Several sessions share one connection. Then an agent.
	"${ssh[@]}" -M -S "$scratch/ssh/master" -f -N here; for i in 1 2 3; do "${ssh[@]}" -S "$scratch/ssh/master" here "echo shared $i"; done
	"${ssh[@]}" -S "$scratch/ssh/master" -O exit here 2>/dev/null; echo $?
	eval "$(ssh-agent -a "$scratch/ssh/agent")" >/dev/null; ssh-add -q "$scratch/ssh/user"; ssh-add -l | wc -l; ssh-agent -k >/dev/null; echo $?
	cat >"$scratch/shell.exp" <<'EXPECT'
	log_user 0
	set timeout 120
	proc want {what} {
		expect {
			-re $what { puts "seen $what" }
			default { puts "waited in vain for $what"; exit 1 }
		}
	}
	set env(TERM) dumb
	spawn ssh -F [lindex $argv 0] -tt here "env PS1='ready> ' bash --norc --noprofile"
	want "ready> "
	send "echo \$((6 * 7))\r"
	want "42\r\n.*ready> "
	send "cat\r"
	sleep 1
	send "line\r"
	want "line\r\nline\r\n"
	send "\003"
	want "ready> "
	send "seq 1 20000\r"
	want "19999\r\n20000\r\n.*ready> "
	send "exit 6\r"
	expect eof
	puts "status [lindex [wait] 3]"
EXPECT
	expect -f "$scratch/shell.exp" "$scratch/ssh/client"
END
	ring_took 100 ssh
	ring_took 100 sshd
}
