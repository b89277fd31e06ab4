#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The packages: what make install installs is in one of Debian's packages, and in one of RPM's.

load ../lib/common.bash

setup_file() {
	local pc=$abs_top_builddir/src/uring/ringshim-uring.pc prefix libdir root=$BATS_FILE_TMPDIR/root

	make -s -C "$abs_top_builddir" DESTDIR="$root" install >"$BATS_FILE_TMPDIR/log" 2>&1 ||
		cat "$BATS_FILE_TMPDIR/log" >&2
	prefix=$(sed -n 's/^prefix=//p' "$pc")
	libdir=$(sed -n "s|^libdir=||p" "$pc" | sed "s|\${exec_prefix}|$prefix|; s|\${prefix}|$prefix|")
	# As both kinds of packages have them: below /usr, the libraries in a directory of the architecture.
	(cd "$root" && find . ! -type d) | sed "s|^\.||; s|^$libdir/|/usr/lib/ARCH/|; s|^$prefix/|/usr/|; s|^/||" |
		grep -vE '\.la$|/doc/ringshim/LICENSE$|/liburing\.(pc|so|a)$' | sort >"$BATS_FILE_TMPDIR/installed"
}

# Fails for each installed file that none of the patterns has, and each pattern that has no file.
compare_with() { # PATTERN...
	local file pattern status=0 found

	while read -r file; do
		found=no
		for pattern; do
			# shellcheck disable=SC2053  # patterns
			[[ $file != $pattern && $file != $pattern/* ]] || found=yes
		done
		[ $found = yes ] || { echo "in no package: $file"; status=1; }
	done <"$BATS_FILE_TMPDIR/installed"
	for pattern; do
		found=no
		while read -r file; do
			# shellcheck disable=SC2053
			[[ $file != $pattern && $file != $pattern/* ]] || found=yes
		done <"$BATS_FILE_TMPDIR/installed"
		[ $found = yes ] || { echo "installs nothing: $pattern"; status=1; }
	done
	return $status
}

@test "every installed file is in a package of Debian's" {
	local patterns

	[ -d "$abs_top_srcdir/debian" ] || skip 'the archive has no debian/'
	[ "$(wc -l <"$BATS_FILE_TMPDIR/installed")" -gt 40 ]
	mapfile -t patterns < <(cat "$abs_top_srcdir"/debian/*.install | awk '{ print $1 }')
	compare_with "${patterns[@]}"
}

@test "every installed file is in an RPM package" {
	local patterns

	# The two directories of documentation: the spec moves files from one to the other.
	mapfile -t patterns < <(awk '/^%changelog/ { exit } /^%files/ { on = 1; next } on && /^%[{]/' \
		"$abs_top_srcdir/packaging/ringshim.spec.in" | grep -v '^%{_docdir}/libringshim-uring-devel' |
		sed 's|%{_bindir}|usr/bin|; s|%{_libdir}|usr/lib/*|; s|%{_includedir}|usr/include|
			s|%{_mandir}|usr/share/man|; s|%{_docdir}|usr/share/doc|; s|%{_datadir}|usr/share|
			s|%{name}|ringshim|')
	[ "${#patterns[@]}" -ge 10 ]
	compare_with "${patterns[@]}"
}

@test "the spec has the version of configure.ac, and rpm can read it" {
	local version

	version=$(sed -n 's/^AC_INIT(\[ringshim\], \[\(.*\)\], \[\],.*/\1/p' "$abs_top_srcdir/configure.ac")
	[ -n "$version" ]
	grep -qx "Version: *$version" "$abs_top_builddir/packaging/ringshim.spec"
	[ ! -d "$abs_top_srcdir/debian" ] || [[ $(head -n 1 "$abs_top_srcdir/debian/changelog") == "ringshim ($version-"* ]]
	need rpmspec
	run -0 rpmspec -q --qf '%{name}-%{version}\n' "$abs_top_builddir/packaging/ringshim.spec"
	for package in ringshim libringshim libringshim-uring0 libringshim-uring-devel; do
		assert_line "$package-$version"
	done
}
