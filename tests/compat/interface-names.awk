# SPDX-License-Identifier: MIT
# Finds the public names of liburing's headers in what "cpp -dD" made of them. Prints
# their kind and the name, separated by tabs; for members the path from the structure:
#	macro, defined, enum, enumerator, struct, function	NAME
#	member	STRUCTURE	PATH	(array, if it has no size)
# files: a pattern of the files that count.

/^# [0-9]+ "/ {
	counts = $3 ~ files
	next
}

/^#define / {
	if (counts && $2 !~ /\(/ && $2 ~ /^(IO|SPLICE|LIBURING|SOCKET_|BLOCK_|ZCRX|__NR_io|RWF|SETUP)/)
		print (NF > 2 && $2 !~ /^(IOURINGINLINE|LIBURING_NOEXCEPT)$/ ? "macro" : "defined") "\t" $2
	next
}

/^#/ { next }

# One declaration at a time, with blanks around what separates words.
counts {
	gsub(/[][{};,()=*]/, " & ")
	text = text " " $0
	depth += gsub(/\{/, "{") - gsub(/\}/, "}")
	if (!depth && text ~ /[;}] *$/) {
		declaration(text)
		text = ""
	}
}

function declaration(text,	word, n, i) {
	gsub(/__extension__|__attribute__ *\( *\( *[^)]*\) *\)/, " ", text)
	n = split(text, word, " ")
	for (i = 1; word[i] == "static" || word[i] == "inline"; i++)
		;
	if (word[i] == "enum")
		enumeration(word, i + 1, n)
	else if (word[i] == "struct" && word[i + 2] == "{")
		structure(word, i, n)
	else
		function_of(word, i, n)
}

function enumeration(word, i, n,	at_name) {
	if (word[i] != "{")
		print "enum\t" word[i++]
	for (at_name = 1; ++i <= n && word[i] != "}"; ) {
		if (at_name)
			print "enumerator\t" word[i]
		at_name = word[i] == ","
	}
}

function structure(word, i, n,	name) {
	name = word[i + 1]
	print "struct\t" name
	members(word, i + 3, n, name, "")
}

# The members from the word at i to the brace that closes them; returns its place.
function members(word, i, n, name, path,	j, last, sized, inner) {
	while (i <= n && word[i] != "}") {
		if ((word[i] == "struct" || word[i] == "union") &&
		    (word[i + 1] == "{" || word[i + 2] == "{")) {
			inner = word[i + 1] == "{" ? i + 2 : i + 3
			# The name behind the brace is part of the path, if there is one.
			j = skip(word, inner, n) + 1
			members(word, inner, n, name, path (word[j] == ";" ? "" : word[j] "."))
			if (word[j] != ";")
				print "member\t" name "\t" path word[j]
			while (word[j] != ";")
				j++
			i = j + 1
			continue
		}
		last = ""
		sized = 1
		for (; i <= n && word[i] != ";"; i++) {
			if (word[i] == "[") {
				sized = word[i + 1] != "]"
				while (word[i] != "]")
					i++
			} else if (word[i] == ",") {
				print "member\t" name "\t" path last
			} else if (word[i] != "*") {
				last = word[i]
			}
		}
		if (last != "")
			print "member\t" name "\t" path last (sized ? "" : "\tarray")
		i++
	}
	return i
}

function skip(word, i, n,	depth) {
	for (depth = 1; i <= n; i++) {
		depth += (word[i] == "{") - (word[i] == "}")
		if (!depth)
			return i
	}
	return n
}

# The word before the first parenthesis.
function function_of(word, i, n) {
	for (; i < n; i++)
		if (word[i + 1] == "(" && word[i] ~ /^_*(io_)?uring_/) {
			print "function\t" word[i]
			return
		}
}
