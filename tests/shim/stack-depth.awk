# SPDX-License-Identifier: MIT
# How much stack a function takes with all that it calls: reads the call graphs of gcc's
# -fcallgraph-info=su and prints "BYTES FUNCTION > CALLEE > ..." for each function. Calls by
# pointer and of libc count nothing.

match($0, /^node: \{ title: "[^"]*"/) {
	node = substr($0, 17, RLENGTH - 17)
	if (match($0, /[0-9]+ bytes/))
		own[node] = substr($0, RSTART, RLENGTH) + 0
	next
}

match($0, /sourcename: "[^"]*"/) {
	from = substr($0, RSTART + 13, RLENGTH - 14)
	match($0, /targetname: "[^"]*"/)
	edges[from] = edges[from] substr($0, RSTART + 13, RLENGTH - 14) "\n"
}

# The return address counts, too. A function that calls itself counts once.
function depth(node,	list, n, i, most, below, way) {
	if (node in known)
		return known[node]
	known[node] = own[node] + 8
	most = 0
	n = split(edges[node], list, "\n")
	for (i = 1; i < n; i++) {
		below = depth(list[i])
		if (below > most) {
			most = below
			way = list[i]
		}
	}
	next_on_way[node] = way
	return known[node] = own[node] + 8 + most
}

function text(node,	name) {
	name = node
	sub(/.*:/, "", name)
	name = name "(" own[node] + 0 ")"
	return next_on_way[node] == "" ? name : name " > " text(next_on_way[node])
}

END {
	for (node in own)
		print depth(node), text(node)
}
