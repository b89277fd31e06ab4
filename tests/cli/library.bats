#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The choice of the library to preload, and files that cannot be preloaded.

load common

preloaded() {
	"$@" run -- printenv LD_PRELOAD 2>/dev/null
}

@test "ringshim in the build tree preloads the library built there, by an absolute path" {
	cd "$abs_top_builddir"
	run preloaded ./ringshim
	assert_success
	assert_output "$(realpath .libs/libringshim.so)"
}

# Really installs, because libtool installs another file than it built.
install_tree() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$abs_top_builddir" \
		DESTDIR="$BATS_TEST_TMPDIR/stage" install-exec >install.log 2>&1 ||
		{ cat install.log; return 1; }
	installed=$(find stage -name ringshim -type f -perm -u+x)
	library=$(find stage -name libringshim.so)
	assert [ -x "$installed" ]
	assert [ -f "$library" ]
}

@test "an installed ringshim finds the installed library, also after both were moved" {
	install_tree
	run preloaded "$installed"
	assert_output "$PWD/$library"
	mv stage moved
	run preloaded "${installed/stage/moved}"
	assert_output "$PWD/${library/stage/moved}"
	run "${installed/stage/moved}" run -- "$subject" ok
	assert_output ok

	rm "${library/stage/moved}"
	run "${installed/stage/moved}" run -- touch started
	one_line_error 125
	assert_output --partial 'there is no libringshim.so in'
	assert_output --partial -- '--library=FILE'
	assert [ ! -e started ]
}

@test "--library takes a relative path and makes it absolute" {
	cp "$marker" mine.so
	for file in mine.so ./mine.so ../"${PWD##*/}"/mine.so; do
		run --separate-stderr "$ringshim" run --library "$file" -- sh -c 'cd / && printenv LD_PRELOAD'
		assert_success
		assert_output --regexp '^/.*/mine.so$'
		# Once in sh and once in printenv, which runs in another directory.
		assert_equal "$stderr" $'preloaded\npreloaded'
	done
}

@test "a file that is not a library is refused before CMD starts" {
	echo text >text.so
	: >empty.so
	head -c 200 "$marker" >cut.so
	for file in text.so empty.so cut.so "$subject" . /dev/null; do
		run "$ringshim" run --library="$file" -- touch started
		one_line_error 125
		assert_output --partial 'cannot preload'
	done
	run "$ringshim" run --library=none.so -- touch started
	one_line_error 125
	assert_output --partial "$PWD/none.so: No such file"
	assert [ ! -e started ]
}

@test "a path that LD_PRELOAD cannot express is refused" {
	# shellcheck disable=SC2016
	for name in 'a b.so' a:b.so '$LIB.so'; do
		cp "$marker" "$name"
		run "$ringshim" run --library="$name" -- touch started
		one_line_error 125
		assert_output --partial 'LD_PRELOAD cannot name'
	done
	assert [ ! -e started ]
}
