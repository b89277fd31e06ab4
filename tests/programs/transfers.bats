#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Programs that copy trees through pipes and sockets.

load ../lib/programs

setup_file() {
	make_input
}

@test "rsync copies a tree over a local pipe" {
	need rsync
	alike <<'END'
	rsync -a "$input/tree/" local/; echo $?
	# Through a "remote shell", which is a pipe to another rsync.
	cat >"$scratch/shell" <<-'SHELL'
		#!/bin/sh
		shift
		exec "$@"
	SHELL
	chmod +x "$scratch/shell"
	rsync -rlptz -e "$scratch/shell" "$input/tree/" "nowhere:$PWD/remote/"; echo $?
	# Transfers only the files whose checksums differ.
	sed 's/static/STATIC/' "$input/text" >remote/text
	cp "$input/text" local/text
	# Without this, the two files could have the same second or different ones.
	touch -d 2020-01-01 local/text remote/text local remote
	rsync -rlptc --no-whole-file --delete -i -e "$scratch/shell" "nowhere:$PWD/local/" remote/ | sort; echo "${PIPESTATUS[0]}"
	rsync -rlpt -n -i -e "$scratch/shell" local/ "nowhere:$PWD/remote/"
	rsync -a --bwlimit=3000 --block-size=700 -e "$scratch/shell" "$input/noise" "nowhere:$PWD/slow"; echo $?
	rsync -a -e "$scratch/shell" "nowhere:$PWD/absent" . 2>/dev/null; echo $?
END
	ring_took 20 rsync read
	ring_took 20 rsync write
}

@test "git clones, fetches and pushes over a local path" {
	need git
	alike <<'END'
	export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
	export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'
	git -c init.defaultBranch=main init -q "$scratch/one"
	cp -r "$input/tree" "$scratch/one"
	(cd "$scratch/one" && git add . && git commit -q -m first && for i in $(seq 12); do
		echo "line $i" >>tree/LICENSE; git commit -q -a -m "change $i"; done; git rev-parse HEAD)
	git clone -q "$scratch/one" "$scratch/local" && git -C "$scratch/local" rev-parse HEAD
	git clone -q --no-local "$scratch/one" "$scratch/two" && git -C "$scratch/two" fsck 2>/dev/null; echo $?
	git clone -q --bare --depth 3 "file://$scratch/one" "$scratch/bare.git"; git -C "$scratch/bare.git" log --oneline
	(cd "$scratch/two" && git checkout -q -b side && sed -i s/static/STATIC/ tree/*.c && git commit -q -a -m side &&
		git push -q origin side 2>/dev/null && git format-patch -1 --stdout | digest)
	(cd "$scratch/one" && git merge -q side && git gc -q && git fsck --full 2>/dev/null; git log --stat --format=%s | digest
		git archive HEAD | tar -tf - | digest; git grep -c STATIC | digest; git diff HEAD~3 | digest)
	(cd "$scratch/local" && git pull -q && git rev-parse HEAD; git blame tree/LICENSE | digest; git stash list; git status --short)
	cp -r "$scratch/local/tree" tree
END
	ring_took 50 git read
	ring_took 20 git write
}

@test "cpio and tar move a tree through pipes" {
	need cpio
	alike <<'END'
	(cd "$input" && find tree -depth -print0 | cpio -0 -o -H newc 2>/dev/null) | (mkdir one; cd one; cpio -idm 2>/dev/null); echo "${PIPESTATUS[*]}"
	(cd "$input" && tar -c -b 1 -f - tree) | (mkdir two; cd two; tar -x -b 1 -f -); echo "${PIPESTATUS[*]}"
	(cd "$input" && tar -cf - tree) | dd bs=700 status=none | dd obs=9000 status=none | (mkdir three; cd three; tar -xf -); echo "${PIPESTATUS[*]}"
	mkfifo "$scratch/fifo"
	(cd "$input" && tar -czf "$scratch/fifo" tree) & tar -tzf "$scratch/fifo" | sort | digest; wait $!; echo $?
END
	ring_took 100 tar
}
