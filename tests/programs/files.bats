#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Programs that read and write files, one at a time and in pipelines.

load ../lib/programs

setup_file() {
	make_input
}

@test "strace shows that cat reads and writes through the ring" {
	need strace
	local calls=read,write,io_uring_enter text="$BATS_TEST_TMPDIR/text" route
	cd "$BATS_TEST_TMPDIR"
	# Fits into a pipe, so that a write is one operation.
	head -c 30000 "$BATS_FILE_TMPDIR/input/text" >text
	for route in native ring direct; do
		# Writes to a pipe, because cat lets the kernel copy from file to file.
		traced_by "$route" "$calls" cat "$text" - <"$text" | cat >"$route.copy"
	done
	cat "$text" "$text" >expected
	cmp expected native.copy
	cmp expected ring.copy
	cmp expected direct.copy
	cat ./*.trace ring.stats direct.stats
	[ "$(count native io_uring_enter)" -eq 0 ]
	[ "$(count direct io_uring_enter)" -eq 0 ]
	# The counts are exact: the calls that strace no longer sees took the ring.
	[ "$(counted direct direct read write)" -eq 6 ]
	[ "$(counted ring ring read write)" -ge 4 ]
	[ "$(count ring io_uring_enter)" -eq "$(counted ring ring read write)" ]
	[ $(($(count ring read write) + $(counted ring ring read write))) -eq \
		"$(count direct read write)" ]
	# The extra calls: the loader reads the library's header, and the library writes the
	# statistics.
	[ "$(count direct read write)" -gt "$(count native read write)" ]
}

@test "cat, cp and tee copy files" {
	alike <<'END'
	cat "$input/noise" >one
	cat <"$input/noise" >>one
	cat "$input/text" "$input/tree/sub/empty" - "$input/numbers" <"$input/noise" >two
	cat "$input/absent" "$input/numbers" >three; echo $?
	cat "$input"; echo $?
	cat three >>three; echo $?
	cp "$input/noise" four
	cp -r --preserve=mode "$input/tree" five
	cat <"$input/noise" | cat >six
	tee seven eight <"$input/noise" | digest
	cat "$input/text" | tee -a seven >/dev/null
	echo x >/dev/full; echo $?
	cat "$input/text" >/dev/full; echo $?
	cat /proc/self/comm /proc/sys/kernel/ostype
	cat -n "$input/text" | tac | head -c 5000
END
	ring_took 10 cat read
	ring_took 3 tee read
}

@test "dd copies with block sizes from a byte to 4 megabytes" {
	alike <<'END'
	for size in 1 7 512 4096 65536 1000000 4M; do
		count=$(( size == 1 ? 500 : size == 7 ? 3000 : 40 ))
		dd if="$input/noise" of="out.$size" bs="$size" count="$count" 2>&1 | head -n 2
		dd if="$input/noise" bs="$size" count="$count" status=none | dd bs="$size" status=none | digest
	done
	dd if="$input/noise" of=skipped bs=1000 skip=5 seek=7 count=100 conv=notrunc status=none
	dd if="$input/text" of=upper bs=64k ibs=100 obs=333 conv=ucase,sync status=none
	dd if="$input/noise" bs=1M status=none | dd of=whole bs=1M iflag=fullblock status=none
END
	ring_took 100 dd read
	ring_took 100 dd write
}

@test "dd works with its flags: append, direct, nonblock, sync, dsync, fsync, fdatasync, excl" {
	alike <<'END'
	dd if="$input/noise" of=appended bs=10000 count=20 oflag=append conv=notrunc status=none
	dd if="$input/noise" of=appended bs=10000 count=20 oflag=append conv=notrunc status=none
	if dd if=/dev/zero of=direct bs=4096 count=1 oflag=direct status=none 2>/dev/null; then
		dd if="$input/noise" of=direct bs=4096 count=100 oflag=direct status=none
		dd if=direct iflag=direct bs=8192 status=none | digest
		dd if="$input/noise" of=direct bs=1000 count=1 oflag=direct; echo $?
	fi
	dd if="$input/noise" of=nonblock bs=65536 oflag=nonblock iflag=nonblock status=none
	dd if="$input/noise" of=sync bs=65536 count=10 oflag=sync status=none
	dd if="$input/noise" of=dsync bs=65536 count=10 oflag=dsync status=none
	dd if="$input/noise" of=fsync bs=65536 conv=fsync status=none
	dd if="$input/noise" of=fdatasync bs=65536 conv=fdatasync status=none
	dd if="$input/noise" of=fsync conv=excl; echo $?
	dd if=/dev/zero of=/dev/full bs=512 count=1; echo $?
	dd if=/dev/zero of=sparse bs=4096 count=3 seek=10 conv=sparse status=none
	# The reader starts late, so that the writer waits for room in the pipe.
	dd if="$input/noise" bs=300000 status=none | (sleep 0.2; dd bs=4096 status=none) | digest
END
	ring_took 50 dd write
	ring_took 1 dd fsync
	ring_took 1 dd fdatasync
}

@test "tar and gzip pack and unpack a tree" {
	alike <<'END'
	tar -C "$input" --sort=name -cf "$scratch/tree.tar" tree
	tar -tf "$scratch/tree.tar"
	mkdir a b c
	tar -C a -xf "$scratch/tree.tar"
	tar -C "$input" --sort=name -czf - tree | tar -C b -xzf -
	(cd "$input" && tar -cf - tree) | (cd c && tar -xf -)
	tar -C a -rf "$scratch/tree.tar" tree/LICENSE && tar -tf "$scratch/tree.tar" | tail -n 1
	gzip -n <"$input/text" >text.gz
	gzip -dc text.gz | cmp - "$input/text" && echo same
	cp "$input/noise" noise && gzip -n -1 noise && gunzip -k noise.gz
	gzip -t text.gz noise.gz; echo $?
	head -c 1000 text.gz | gzip -dc | digest; echo "${PIPESTATUS[*]}"
END
	ring_took 10 tar read
	ring_took 10 tar write
	ring_took 10 gzip read
}

@test "sort, uniq, grep, sed, awk, perl and bc work on text" {
	alike <<'END'
	sort -u "$input/text" >sorted
	sort -S 64k -T "$scratch" --parallel=2 -rn "$input/numbers" | digest
	sort "$input/text" | uniq -c | sort -rn | digest
	sort -c "$input/numbers"; echo $?
	sort -o same.txt "$input/text" && sort -o same.txt same.txt
	grep -c return "$input/text"; grep -rn static "$input/tree/fdtable.c" | digest
	grep -q zebra "$input/text"; echo $?
	sed -n '10,20p;s/int/INT/gp' "$input/text" | digest
	cp "$input/text" edited && sed -i.bak 's/static/STATIC/' edited
	awk '{ words += NF } END { print NR, words }' "$input/text"
	awk 'NR % 1000 == 0 { print | "sort -n"; print $1 > "thousands" }' "$input/numbers"
	awk 'BEGIN { while (("seq 5" | getline line) > 0) print "line", line }'
	perl -ne '$n += length; END { print "$n\n" }' "$input/text"
	perl -e 'open my $f, "+>", "perl.out" or die; for (1..500) { syswrite $f, "line $_\n" or die }
		sysseek $f, 0, 0; my $t = ""; 1 while sysread $f, $t, 777, length $t; print length $t, "\n"'
	perl -e 'pipe R, W; if (!fork) { close R; syswrite W, "x" x 300000; exit 3 } close W;
		my $t = ""; while (sysread R, $t, 9999, length $t) {} wait; print length $t, " ", $? >> 8, "\n"'
	perl -pi -e 's/int/INT/' edited
	echo 'scale=60; 4*a(1); 2^200' | bc -l
	seq 1 200 | paste -sd+ | bc
	join <(seq 1 50 | sort) <(seq 25 75 | sort) | digest
	split -n 5 "$input/noise" part. && cat part.* | cmp - "$input/noise" && echo whole
	tr a-z A-Z <"$input/text" | tail -n 3; wc "$input/text" <"$input/numbers" | awk '{ print $1 }'
	cut -c 1-20 "$input/text" | rev | digest; od -An -tx1 -N 64 "$input/noise"; cmp "$input/noise" "$input/text" | cut -c 1-20 | wc -l
END
	ring_took 1 grep read
	ring_took 100 perl
}

@test "find and xargs work with many processes at once" {
	alike <<'END'
	find "$input/tree" -type f -printf '%P %s\n' | sort
	find "$input/tree" -name '*.c' -print0 | xargs -0 -n 3 -P 4 sha256sum | sort -k 2 | sed 's|/.*/||'
	seq 1 60 | xargs -n 1 -P 4 -I N sh -c 'echo N >file.N; cat file.N >>"$scratch/all"'
	sort -n "$scratch/all" | digest
	find . -name 'file.?' -exec cat {} + | sort -n | paste -sd,
	seq 1 5 | xargs -n 1 sh -c 'exit $(( $1 == 3 ))' sh; echo $?
END
	ring_took 60 cat read
}

@test "make -j builds a small project" {
	need make
	alike <<'END'
	{
		echo 'all: sum'
		echo 'objects = $(addsuffix .o,$(shell seq 1 40))'
		echo 'sum: $(objects)'
		printf '\tcat $(sort $^) >$@\n'
		echo '$(objects):'
		printf '\t@sleep 0.01; printf "%%s\\n" $@ | tee $@ >/dev/null\n'
		echo 'sub:'
		printf '\t@$(MAKE) --no-print-directory -f Makefile again\n'
		echo 'again: ; @echo again'
		echo 'fails: ; @exit 3'
	} >Makefile
	make -j 4 >"$scratch/make.log" && digest sum
	# Files made within one tick of the file system's clock have the same time, so
	# the objects get an older one. make reports the two goals in any order.
	touch -d 2020-01-01 ./*.o
	make --no-print-directory -j 4 -O sub all >"$scratch/goals"; echo $?
	sort "$scratch/goals"
	make --no-print-directory -j 2 -s fails; echo $?
	rm -f sum && make -j -s && digest sum
END
	ring_took 40 tee
}

@test "8 writers share one log file, and every record is there once and whole" {
	alike <<'END'
	# The writers inherit one open file description, or each opens the file to append.
	# Each record has 64 bytes and is written by one write.
	records() {
		for i in $(seq 1 100); do
			printf 'writer %d record %05d %-41s\n' "$1" "$i" =========
		done
	}
	awk_writer() {
		awk -v who="$1" 'BEGIN { for (i = 0; i < 400; i++) {
			printf "writer %d record %05d %-41s\n", who, i, "+++++++++"; fflush() } }'
	}
	dd_writer() {
		records "$1" >"$scratch/records.$1"
		dd if="$scratch/records.$1" bs=64 status=none
	}
	cat_writer() {
		dd_writer "$1" | cat
	}
	perl_writer() {
		perl -e 'for (0..399) { syswrite STDOUT, sprintf "writer %d record %05d %-41s\n", $ARGV[0], $_, "--" }' "$1"
	}
	for kind in awk_writer dd_writer cat_writer perl_writer records; do
		{ for who in 1 2 3 4 5 6 7 8; do $kind $who & done; wait; } >"$scratch/log"
		sort "$scratch/log" >"shared.$kind"
		rm -f "$scratch/log"
		for who in 1 2 3 4 5 6 7 8; do $kind $who >>"$scratch/log" & done
		wait
		sort "$scratch/log" >"appended.$kind"
		cmp "shared.$kind" "appended.$kind"
		wc -l <"shared.$kind"
		rm -f "$scratch/log"
	done
	# All writers write to one pipe, which one reader reads.
	for who in 1 2 3 4 5 6 7 8; do perl_writer $who & done | sort | digest
	# Several processes of one pipeline write to the log.
	exec 9>"$scratch/log"
	seq 1 200 | tee /dev/fd/9 | awk '{ print "awk", $1 >"/dev/fd/9" } { print }' | cat >&9
	exec 9>&-
	sort "$scratch/log" | grep -c .
END
	ring_took 8 cat read
	ring_took 800 dd read
}

@test "several readers share the position of one file" {
	alike <<'END'
	{ head -n 1; read -r line; echo "$line"; dd bs=100 count=1 status=none; (read -r line; echo "$line"); cat; } <"$input/numbers" | digest
	# One reader alone gets each line.
	{ for i in 1 2 3 4; do while read -r line; do echo "$line"; done & done; wait; } < <(head -n 400 "$input/numbers") | wc -c
	{ for i in 1 2 3 4; do dd bs=64 status=none & done; wait; } <"$input/noise" >"$scratch/mixed"
	wc -c <"$scratch/mixed"
	perl -e '$/ = \64; my %n; open A, $ARGV[0]; $n{$_}++ while <A>; open B, $ARGV[1]; $n{$_}-- while <B>;
		print scalar(grep { $_ } values %n), "\n"' "$input/noise" "$scratch/mixed"
END
}

@test "head closes its pipe early, and a pipeline reports SIGPIPE and its statuses" {
	alike <<'END'
	yes | head -n 3; echo "${PIPESTATUS[*]}"
	yes | head -c 1000000 | digest; echo "${PIPESTATUS[0]} ${PIPESTATUS[1]}"
	cat "$input/noise" | head -c 10 | wc -c; echo "${PIPESTATUS[*]}"
	dd if=/dev/zero bs=1M 2>"$scratch/dd" | head -c 100 | wc -c; echo "${PIPESTATUS[*]}"
	cat /dev/zero | true; echo "${PIPESTATUS[*]}"
	seq 1 1000000 | sed 5q; echo "${PIPESTATUS[*]}"
	tee "$scratch/copy" <"$input/noise" | head -c 1 | wc -c; echo "${PIPESTATUS[*]}"
	trap '' PIPE
	cat "$input/noise" | head -c 1 | wc -c; echo "${PIPESTATUS[*]}"
	perl -e '$SIG{PIPE} = sub { $n++ }; syswrite(STDOUT, "x" x 65536) or last for 1..50; print STDERR "$n $!\n"; exit 7' | head -c 1 | wc -c; echo "${PIPESTATUS[*]}"
END
	ring_took 1 head read
	ring_took 1 perl write
}

@test "timeout ends waiting programs, and signals end and stop them" {
	alike <<'END'
	mkfifo "$scratch/fifo"
	exec 8<>"$scratch/fifo"
	timeout 0.2 cat <&8; echo $?
	timeout -s INT 0.2 cat <&8; echo $?
	timeout -s KILL 0.2 cat <&8; echo $?
	timeout -k 0.1 1 sh -c 'trap "" TERM; cat <&8'; echo $?
	timeout 5 cat "$input/numbers" | digest
	timeout 0.2 dd if=/dev/zero of=/dev/null bs=1M 2>/dev/null; echo $?
	timeout 0.2 yes >/dev/null; echo $?
	# A process that is stopped and continued in a read loses no data.
	{ sleep 0.5; echo late; } | { cat & pid=$!; sleep 0.1; kill -STOP $pid; sleep 0.1; kill -CONT $pid; wait $pid; }
	# dd prints its progress for a signal and goes on.
	mkfifo "$scratch/slow"
	dd bs=100 of=counted 2>"$scratch/dd" <"$scratch/slow" & pid=$!
	exec 9>"$scratch/slow"
	await 100 catches $pid USR1; kill -USR1 $pid
	await 100 grep -q bytes "$scratch/dd"; echo 12345 >&9
	exec 9>&-; wait $pid; echo $?
	grep -c 'bytes' "$scratch/dd"
	# The shell's read ends at its timeout.
	read -r -t 0.2 line <&8; echo $(($? > 128))
	# A signal interrupts the read that waits, and the trap runs.
	bash -c 'trap "echo trapped; exit 5" TERM; read -r line <&8' & pid=$!; await 100 catches $pid TERM; kill -TERM $pid; wait $pid; echo $?
END
	ring_took 1 cat read
}

@test "fio reads back what it wrote, with each of its engines" {
	need fio
	alike <<'END'
	# All jobs run at once, each on a file of its own.
	jobs=()
	job() {
		local name=job$((${#jobs[@]}))
		jobs+=("--name=$name" "--filename=$scratch/$name" "--rw=$1" "--ioengine=$2" "${@:3}")
	}
	for engine in sync psync vsync pvsync pvsync2; do
		job randwrite $engine --thread=1
		job write $engine --thread=0
	done
	job randwrite psync --numjobs=2 --offset_increment=1m --thread=1
	job write sync --direct=1 --bs=4k --thread=0
	job write vsync --direct=1 --bs=4k --thread=1
	job randwrite psync --direct=1 --bs=4k --thread=0
	job randwrite io_uring --iodepth=8 --thread=1
	job randwrite libaio --iodepth=8 --thread=0
	fio --size=1m --bsrange=512-16k --verify=crc32c --do_verify=1 --verify_fatal=1 --fsync=64 \
		--randseed=7 "${jobs[@]}" >"$scratch/fio.log" 2>&1
	echo $?
	grep -o ' err= *[0-9]*' "$scratch/fio.log" | sort | uniq -c
	rm -f "$scratch"/job*
END
	ring_took 300 fio write
	ring_took 50 fio pread
}
