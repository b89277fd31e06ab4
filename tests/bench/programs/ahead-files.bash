# SPDX-License-Identifier: MIT
# The files that the programs of ahead.bash go through. Each kind lies in a directory of its name.

# shellcheck shell=bash disable=SC2154,SC2034  # variables are shared with ahead.bash
# make_* DIRECTORY: makes the files of a kind in it.
make_tree() {
	"$python" - "$1/tree" "$files" <<-'END'
		import os, random, sys
		top, files = sys.argv[1], int(sys.argv[2])
		random.seed(1)
		for f in range(files):
		    directory = f"{top}/d{f // 100}"
		    os.makedirs(directory, exist_ok=True)
		    with open(f"{directory}/{random.randrange(10**6):06}-{f}", "wb") as file:
		        file.write(random.randbytes(random.randrange(500, 8000)))
	END
}

make_big() {
	mkdir -p "$1/big" && head -c "${megabytes}M" /dev/urandom >"$1/big/file"
}

# commit REPOSITORY OPTION...
commit() {
	git -C "$1" -c user.name=bench -c user.email=bench@localhost commit -q -m bench "${@:2}"
}

# A fresh clone. Its index is written a second after its files: then git need not read them to be
# sure that they are unchanged.
make_git() {
	make_tree "$1/git" && cd "$1/git" || return
	git -C tree init -q && git -C tree add . && commit tree && git -C tree repack -adq || return
	git clone -q --no-hardlinks tree clone || return
	rm -rf tree
	sleep 1.1
	git -C clone update-index -q --force-write-index
}

# functions FORMAT NUMBER: prints eight functions of a module, which differ.
functions() {
	local n
	for n in $(seq 8); do
		# shellcheck disable=SC2059  # a format on purpose
		printf "$1" "$n" "$2"
	done
}

make_python() {
	local n
	mkdir -p "$1/bench" || return
	for n in $(seq "$modules"); do
		functions 'def f%s(x):\n    return [x, "%s"]\n\n' "$n" >"$1/bench/m$n.py"
		echo "from . import m$n" >>"$1/bench/__init__.py"
	done
	# The first start, which writes the compiled modules.
	PYTHONPATH=$1 env -u PYTHONDONTWRITEBYTECODE "$python" -c 'import bench'
}

make_perl() {
	local n
	mkdir -p "$1/Bench" || return
	for n in $(seq "$modules"); do
		{
			echo "package Bench::M$n;"
			functions 'sub f%s { my $x = shift; return [$x, "%s"]; }\n' "$n"
			echo '1;'
		} >"$1/Bench/M$n.pm"
		echo "use Bench::M$n;" >>"$1/Bench/All.pm"
	done
	echo '1;' >>"$1/Bench/All.pm"
}

make_start() {
	make_python "$1/start/python" && make_perl "$1/start/perl" || return
	mkdir -p "$1/start/git" && cp "$(type -P git)" "$1/start/git/program" || return
	git init -q "$1/start/git/repository" && commit "$1/start/git/repository" --allow-empty
}

# Eight sources, each of which includes 20 headers of its own.
make_build() {
	local part header
	mkdir -p "$1/build/include" || return
	for part in $(seq 8); do
		for header in $(seq 20); do
			echo "int p${part}_$header(int x);" >"$1/build/include/p$part-$header.h"
			echo "#include \"include/p$part-$header.h\"" >>"$1/build/p$part.c"
		done
		echo "int p$part(void) { return p${part}_1(0); }" >>"$1/build/p$part.c"
	done
	# shellcheck disable=SC2016  # make expands it
	printf '%s\n' 'all: $(patsubst %.c,$(OUT)/%.o,$(wildcard *.c))' \
		'$(OUT)/%.o: %.c' '	$(CC) -c -o $@ $<' >"$1/build/Makefile"
}

# Makes the files of this run's kind, and a list of them. What it prints goes into once's mark.
make_files() {
	rm -rf "${1:?}/$kind"
	mkdir -p "$1"
	(make_"$kind" "$1") >&2 || return
	(cd "$1" && find "$kind" -name .git -prune -o -type f -print | sort) >"$scratch/list-$kind"
	date
}
