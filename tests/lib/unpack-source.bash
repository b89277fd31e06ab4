# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by what builds other projects' sources.

# unpack_source FROM TO: copies a directory with sources, or the last commit of a bare repository.
unpack_source() {
	mkdir -p "$2"
	if git -C "$1" rev-parse --is-bare-repository 2>/dev/null | grep -q true; then
		git -C "$1" archive HEAD | tar -xC "$2"
	else
		cp -r "$1/." "$2"
	fi
}
