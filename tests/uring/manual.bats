#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The manual pages: each function has one, all are well formed, and their examples do what they say.

load uring.bash

groups="$abs_top_srcdir/doc/uring"
pages="$abs_top_builddir/doc/uring"

setup_file() {
	local root="$BATS_FILE_TMPDIR/root"

	make -s -C "$abs_top_builddir" DESTDIR="$root" install-man install-data-local \
		>"$BATS_FILE_TMPDIR/log" 2>&1 || cat "$BATS_FILE_TMPDIR/log" >&2
	man3=$(dirname "$(find "$root" -name uring_rings.3)")
	export root man3
}

# Prints the functions of the library: the exported ones and those that are inline in C.
functions() {
	nm -D --defined-only "$abs_top_builddir/.libs/libringshim-uring.so" |
		awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }'
	cat "$abs_top_srcdir"/src/uring/{ring,sq,cq,prep,register,recvmsg,probe}.h \
		"$abs_top_builddir/src/uring/ops.h" |
		sed -n 's/^URING_\(API\|INLINE\) .*[ *]\(uring_[a-z0-9_]*\)(.*/\2/p'
}

# The pages that are made, and those that are written by hand.
all_pages() {
	ls "$pages"/*.3 "$abs_top_builddir"/doc/ringshim*.7 "$abs_top_srcdir"/doc/*.[1-8]
}

@test "every function of the library has a page of its name, and no other name has one" {
	cd "$BATS_TEST_TMPDIR"
	functions | sort -u >functions
	[ "$(wc -l <functions)" -gt 280 ]
	(cd "$man3" && grep -l '^\.so man3/' -- *.3 | sed 's/\.3$//') | sort | diff functions -
}

@test "an alias leads to a page that names the function and has its prototype" {
	# The aliases come first: wanted[PAGE] are the names that lead to it.
	run -0 awk '
		FNR == 1 { page = FILENAME; sub(/.*\//, "", page) }
		/^\.so man3\// { sub(/.*\//, ""); name = page; sub(/\.3$/, "", name); wanted[name] = $0; next }
		/^\.Nm / { named[page, $2] = 1 }
		/^\.Fo / { described[page, $2] = 1 }
		END {
			for (name in wanted)
				if (!((wanted[name], name) in named) || !((wanted[name], name) in described))
					print wanted[name] " does not describe " name
		}' "$man3"/*.3
	assert_output ''
}

@test "each description has a result, errors and the kernel since which there is the function" {
	run -0 awk '
		function finish() {
			if (name != "" && !(result && errors && since))
				print FILENAME ": " name ": " result " " errors " " since
			name = ""
		}
		FNR == 1 { on = 0 }
		/^\.Sh FUNCTIONS/ { on = 1 }
		/^\.S[sh]/ { finish() }
		on && /^\.Ss / { name = $2; entries++; operation = result = errors = since = 0 }
		/^\.Sh EXAMPLES/ { on = 0 }
		/^\.Fo uring_prep_/ { operation = 1 }
		# Of a few operations every result is an error: a timeout ends with -ETIME.
		/^Result/ || operation && /^Errors:/ { result = 1 }
		/^Errors:|^Result: none/ { errors = 1 }
		/^Since Linux [5-9]\.[0-9]/ { since = 1 }
		END { print entries > "/dev/stderr" }' "$pages"/*.3
	[ "$output" -gt 150 ]
}

@test "man finds functions, operations and the overview by their names" {
	need man
	for name in uring_read uring_prep_read uring_cqe_seen ringshim-uring; do
		MANPATH=$man3/.. MANWIDTH=80 run man --locale=C "$name"
		assert_success
		[ "$name" = ringshim-uring ] || assert_output --partial "$name("
	done
	assert_output --regexp '^ *URING\(7\)'
}

@test "a header that does not say what a page has to say stops the build" {
	page() { # SED-SCRIPT
		sed "$1" "$abs_top_srcdir/src/uring/prep.h" >"$BATS_TEST_TMPDIR/prep.h"
		awk -v part=page -f "$groups/page.awk" "$groups/arguments.tsv" "$groups/uring_paths.in" \
			"$groups/uring_paths.c" "$BATS_TEST_TMPDIR/prep.h"
	}
	page '' | diff - "$pages/uring_paths.3"
	run --separate-stderr page 's/mkdirat(2)\. res: 0\./mkdirat(2)./'
	assert_failure
	assert_equal "$stderr" 'page.awk: uring_prep_mkdirat: the comment does not say what res is'
	run --separate-stderr page 's/mkdirat(2)\. res: 0\. 5\.15/mkdirat(2). res: 0./'
	assert_failure
	assert_equal "$stderr" 'page.awk: uring_prep_mkdirat: the comment does not say since when'
	run --separate-stderr page 's/mkdirat(2)\./Makes a directory./'
	assert_failure
	assert_equal "$stderr" 'page.awk: uring_prep_mkdirat: the comment has no errors'
	run --separate-stderr page '/void uring_prep_unlinkat/s/int flags)/int novelty)/'
	assert_failure
	assert_equal "$stderr" 'page.awk: uring_prep_unlinkat: nothing says what novelty is'
}

@test "mandoc finds nothing to warn of in any page" {
	need mandoc
	# What it says of its index of pages goes to standard error.
	run -0 bash -c 'xargs mandoc -T lint -W warning 2>/dev/null' <<<"$(all_pages)"
	assert_output ''
}

# Prints the literal block N of a page's examples, as it is shown.
block() { # PAGE N
	awk -v wanted="$2" '
		/^\.Sh / { on = $2 == "EXAMPLES" }
		/^\.Ed/ { inside = 0 }
		on && inside && n == wanted { gsub(/\\e/, "\\"); sub(/^\\&/, ""); print }
		on && /^\.Bd -literal/ { n++; inside = 1 }' "$1"
}

# Fails if the kernel is older than the example needs.
is_new_enough() { # PAGE
	local needed
	needed=$(sed -n 's/^\.\\" The example needs Linux \(.*\)\.$/\1/p' "$1")
	[ -z "$needed" ] || [ "$(printf '%s\n' "$needed" "$(uname -r)" | sort -V | head -n 1)" = "$needed" ]
}

@test "every example compiles without a warning, and prints what its page says" {
	local page name ran=0

	cd "$BATS_TEST_TMPDIR"
	export LD_LIBRARY_PATH="$abs_top_builddir/.libs"
	for page in "$pages"/*.3 "$abs_top_srcdir/doc/uring.7"; do
		name=$(basename "$page")
		block "$page" 1 >"$name.c"
		[ -s "$name.c" ] || fail "$name has no example"
		$CC -Wall -Wextra -Werror -I"$abs_top_builddir/include" "$name.c" -o example \
			-L"$abs_top_builddir/.libs" -lringshim-uring || fail "$name: its example does not compile"
		if grep -q '^\.\\" The example is compiled only' "$page"; then
			grep '^\.\\" The example is compiled only' "$page" | sed "s/^\.../# $name:/" >&3
			continue
		fi
		if ! is_new_enough "$page"; then
			echo "# $name: this kernel is too old for its example" >&3
			continue
		fi
		block "$page" 2 >expected
		[ -s expected ] || fail "$name does not say what its example prints"
		timeout 60 ./example >printed || fail "$name: its example fails: $?"
		diff expected printed || fail "$name: its example prints something else"
		ran=$((ran + 1))
	done
	[ "$ran" -gt 0 ]
}
