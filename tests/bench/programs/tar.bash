# SPDX-License-Identifier: MIT
# tar.bash DIR: archives a tree of sources and prints the time of the whole.
. "$(dirname "$0")/common.bash"
sources=$(realpath "$(dirname "$0")/../../..")
make_tree() {
	local copy
	for copy in $(seq "$(full_or_quick 30 10)"); do
		mkdir -p "$scratch/tree/$copy" || return
		(cd "$sources" && find src tests doc examples -name '*.[chd7]*' -type f -print0) |
			tar cf - -C "$sources" --null -T - | tar xf - -C "$scratch/tree/$copy" || return
	done
	date
}
once tree.made make_tree
timed under tar cf "$scratch/tree.tar" -C "$scratch" tree
