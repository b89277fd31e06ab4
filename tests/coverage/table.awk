# SPDX-License-Identifier: MIT
# Reads what llvm-cov exports in lcov's form, and prints for each folder, with those above it
#   folder<TAB>NAME<TAB>lines<TAB>executed<TAB>branches<TAB>executed
# and for each function
#   function<TAB>lines<TAB>executed<TAB>FILE:LINE<TAB>NAME
# usage: awk -v root=DIR -f table.awk FILE, where DIR is the directory that has src

# A static function of a header is there once for each file that includes it. It is one function.
/^SF:/ {
	file = substr($0, 4)
	if (index(file, root "/") == 1)
		file = substr(file, length(root) + 2)
	split("", names); split("", lines)
	branches = taken = 0
}
/^FN:/ {
	split(substr($0, 4), part, ",")
	name = part[2]
	sub(/^.*:/, "", name)
	names[part[1] + 0] = name
}
/^DA:/ {
	split(substr($0, 4), part, ",")
	lines[part[1] + 0] += part[2]
}
# Single lines have the branches of each instance of a function; this is LLVM's sum of a file.
/^BRF:/ { branches = substr($0, 5) }
/^BRH:/ { taken = substr($0, 5) }
/^end_of_record/ && file ~ /^src\/(shim|uring|cli)\// { count_file() }

END {
	for (folder in total_lines)
		printf "folder\t%s\t%d\t%d\t%d\t%d\n", folder, total_lines[folder], hit_lines[folder],
			total_branches[folder], hit_branches[folder]
}

function count_file(    line, folder, first, last) {
	last = 0
	for (line in lines)
		if (line + 0 > last)
			last = line + 0
	for (folder = file; sub(/\/[^\/]*$/, "", folder) && folder != "src"; ) {
		for (line in lines) {
			total_lines[folder]++
			hit_lines[folder] += lines[line] > 0
		}
		total_branches[folder] += branches
		hit_branches[folder] += taken
	}
	first = 0
	for (line = 1; line <= last + 1; line++)
		if (line in names || line > last) {
			if (first)
				print_function(first, line - 1)
			first = line
		}
}

# A function's lines go on to where the next one begins.
function print_function(first, last,    line, all, hit) {
	all = hit = 0
	for (line = first; line <= last; line++)
		if (line in lines) {
			all++
			hit += lines[line] > 0
		}
	printf "function\t%d\t%d\t%s:%d\t%s\n", all, hit, file, first, names[first]
}
