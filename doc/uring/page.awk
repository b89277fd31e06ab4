# SPDX-License-Identifier: MIT
# Makes a page of section 3 for a group of functions: from GROUP.in, which says what belongs to the
# group and has the text around the functions, from GROUP.c, the example, from arguments.tsv and from
# the headers. Fails if a header does not say what a page has to say.
#
#	awk -v part=page -f page.awk arguments.tsv GROUP.in GROUP.c HEADER...
#	awk -v part=aliases -f page.awk arguments.tsv GROUP.in GROUP.c HEADER...
#
# part=aliases prints "FUNCTION man3/GROUP.3" for each function instead.
#
# In a header a comment describes the functions that follow it, up to the next empty line. It has
# sentences. "res: ..." and "Returns ..." are the result. "-ENAME: ..." is an error. A last
# sentence that begins with a version of Linux says since when there is the function. Items of a
# result or of errors are separated by "; ". "Like uring_X" and "see uring_X" take over what the
# comment itself does not say. A comment between "----" begins a section.

BEGIN {
	FS = "\t"
	date = "November 30, 2026"
}

FNR == 1 {
	file = FILENAME
	sub(/.*\//, "", file)
	section = ""
	in_comment = in_proto = 0
	comment = 0
}

file ~ /\.tsv$/ { if (!/^#/ && NF == 2) meaning[$1] = $2; next }
file ~ /\.in$/ { read_group($0); next }
file ~ /\.c$/ {
	if (!/SPDX-License-Identifier/)
		example[++example_lines] = $0
	next
}

# ---- the headers ----

/^\/\* ---- .* ---- \*\/$/ {
	section = $0
	sub(/^\/\* ---- /, "", section)
	sub(/ ---- \*\/$/, "", section)
	next
}
/^\/\*/ { text[++comments] = ""; comment = comments; in_comment = 1 }
in_comment {
	line = $0
	if (line ~ /\*\//)
		in_comment = 0
	sub(/ *\*\/$/, "", line)
	sub(/^ *\/?\*+ ?/, "", line)
	text[comment] = text[comment] (line == "" && in_comment && text[comment] != "" ? "\n" : line " ")
	next
}
/^$/ { comment = 0; next }
/^URING_(API|INLINE) / { proto = ""; in_proto = 1 }
in_proto {
	line = $0
	sub(/^[ \t]+/, " ", line)
	proto = proto line
	if (/\);?$/) {
		in_proto = 0
		add_function()
	}
	next
}

function complain(what) {
	print "page.awk: " what > "/dev/stderr"
	failed = 1
}

function add_function(	name, left) {
	left = proto
	sub(/\(.*/, "", left)
	sub(/^URING_(API|INLINE) /, "", left)
	name = left
	sub(/.*[ *]/, "", name)
	type[name] = substr(left, 1, length(left) - length(name))
	sub(/ $/, "", type[name])
	sub(/^[^(]*\(/, "", proto)
	sub(/\);?$/, "", proto)
	is_inline[name] = $0 !~ /;$/
	params[name] = proto == "void" ? "" : proto
	origin[name] = file ": " section
	described[name] = comment
	order[++functions] = name
	if (!comment)
		complain(file ": " name " has no comment")
}

# ---- the group's own text ----

function read_group(line,	key, rest) {
	key = line
	sub(/ .*/, "", key)
	rest = substr(line, length(key) + 2)
	if (key == "@from")
		wanted[++wanted_count] = rest
	else if (key == "@title")
		title = rest
	else if (key == "@needs")
		note = "The example needs Linux " rest "."
	else if (key == "@compiled")
		note = "The example is compiled " rest "."
	else if (key == "@see")
		see[++see_count] = rest
	else if (key == "@text" || key == "@example" || key == "@output")
		into = key
	else if (key !~ /^@/)
		part_lines[into, ++part_count[into]] = line
}

# ---- what the comments say ----

# Splits the comment n into sentences and sorts them. Stores description[n], result[n], errors[n]
# and since[n].
function understand(n,	paragraph, paragraphs, i, j, sentence, sentences, words) {
	if (n in description)
		return
	description[n] = ""
	paragraphs = split(text[n], paragraph, "\n")
	for (i = 1; i <= paragraphs; i++) {
		sentences = split_sentences(paragraph[i], sentence)
		for (j = 1; j <= sentences; j++)
			sort_sentence(n, sentence[j])
		if (i < paragraphs && description[n] != "")
			description[n] = description[n] "\n"
	}
	sub(/\n+$/, "", description[n])
}

function split_sentences(paragraph, sentence,	n) {
	n = 0
	sub(/^ +/, "", paragraph)
	while (match(paragraph, /[.] +/)) {
		sentence[++n] = substr(paragraph, 1, RSTART)
		paragraph = substr(paragraph, RSTART + RLENGTH)
	}
	sub(/ +$/, "", paragraph)
	if (paragraph != "")
		sentence[++n] = paragraph
	return n
}

function sort_sentence(n, sentence) {
	if (sentence ~ /^[0-9]+\.[0-9]+([;,.]|$)/) {
		sub(/\.$/, "", sentence)
		since[n] = sentence
	} else if (sentence ~ /^res( of this operation)?: /) {
		sub(/^res[^:]*: /, "", sentence)
		add_items(n, sentence)
	} else if (sentence ~ /^Returns /) {
		sub(/^Returns /, "", sentence)
		add_items(n, sentence)
	} else if (sentence ~ /^No errors of its own/) {
		is_safe[n] = 1
	} else if (sentence ~ /^-E[A-Z0-9]/) {
		add_items(n, sentence)
	} else {
		description[n] = description[n] (description[n] ~ /[^\n]$/ ? " " : "") sentence
	}
}

function add_items(n, sentence,	item, items, i) {
	sub(/\.$/, "", sentence)
	items = split(sentence, item, "; ")
	for (i = 1; i <= items; i++) {
		if (item[i] ~ /^-E[A-Z0-9]/)
			errors[n] = errors[n] (errors[n] == "" ? "" : "\n") item[i]
		else
			result[n] = result[n] (result[n] == "" ? "" : "; ") item[i]
	}
}

# Returns the function from whose comment this one takes over what it does not say, or "".
function base_name(n,	name) {
	if (!match(text[n], /(Like|[Ss]ee) uring_[a-z0-9_]+/))
		return ""
	name = substr(text[n], RSTART, RLENGTH)
	sub(/.* /, "", name)
	return name in described && described[name] != n ? name : ""
}

function base_of(n,	name) {
	name = base_name(n)
	return name == "" ? 0 : described[name]
}

# Returns true if the comment begins with "Like" a function that has errors of its own.
function is_like(n) {
	return text[n] ~ /^ *Like uring_/ && base_of(n) && look_up(base_of(n), "errors", 0) != ""
}

# what is "result", "errors" or "since".
function look_up(n, what, depth,	found) {
	understand(n)
	found = what == "result" ? result[n] : what == "errors" ? errors[n] : since[n]
	if (found == "" && depth < 4 && base_of(n))
		return look_up(base_of(n), what, depth + 1)
	return found
}

function manual_of(n, depth) {
	if (match(text[n], /[a-z_0-9]+\(2\)/))
		return substr(text[n], RSTART, RLENGTH - 3)
	return depth < 4 && base_of(n) ? manual_of(base_of(n), depth + 1) : ""
}

# ---- mdoc ----

function is_operation(name) { return name ~ /^uring_prep_/ }

function operation_of(name) {
	sub(/^uring_prep_/, "uring_", name)
	return name
}

# Prints running text. names: "NAME NAME ..." of the arguments, which are marked as such.
function print_text(words, names,	word, count, i, line) {
	count = split(words, word, / +/)
	line = ""
	for (i = 1; i <= count; i++) {
		if (word[i] == "")
			continue
		macro = macro_of(word[i], names)
		if (macro != "") {
			flush_line(line)
			line = ""
			print macro
		} else {
			if (line == "" && word[i] ~ /^[.']/)
				word[i] = "\\&" word[i]
			if (length(line) + length(word[i]) > 78) {
				flush_line(line)
				line = ""
			}
			line = line (line == "" ? "" : " ") word[i]
			if (word[i] ~ /[^.][.:]$/ && word[i] ~ /\.$/) {
				flush_line(line)
				line = ""
			}
		}
	}
	flush_line(line)
}

function flush_line(line) {
	if (line != "")
		print line
}

# Returns the macro line for a word that has one, otherwise "".
function macro_of(word, names,	before, after, core, kind) {
	core = word
	before = after = ""
	while (core ~ /^[(]/) {
		before = before "( "
		core = substr(core, 2)
	}
	while (core ~ /[.,;:)]$/) {
		if (core ~ /\([0-9]\)$/)
			break
		after = " " substr(core, length(core)) after
		core = substr(core, 1, length(core) - 1)
	}
	# uring_X() is a function, too.
	sub(/\(\)$/, "", core)
	kind = ""
	if (core ~ /^[a-z_0-9]+\([1-8]\)$/) {
		kind = "Xr"
		core = substr(core, 1, length(core) - 3) " " substr(core, length(core) - 1, 1)
	} else if (core ~ /^uring_[a-z0-9_]+$/) {
		if (core in described) {
			kind = "Fn"
			core = operation_of(core)
		} else {
			kind = operation_for(core) ? "Fn" : "Vt"
		}
	} else if (core ~ /^-E[A-Z0-9]+$/) {
		kind = "Er"
		core = "\\" core
	} else if (core ~ /^E[A-Z]+$/ && core ~ /^E(INVAL|INTR|BADF|NOENT|TIME|PERM)$/) {
		kind = "Er"
	} else if (core ~ /^[A-Z][A-Z0-9]*_[A-Z0-9_]*\*?$/ || core == "NULL" || core == "SIGPIPE") {
		kind = "Dv"
	} else if (core ~ /^[a-z]+_[a-z_0-9]+$/ || core ~ /^[a-z0-9]+->[a-z0-9_]+$/) {
		kind = index(names, " " core " ") ? "Fa" : "Va"
	} else if (index(names, " " core " ")) {
		kind = "Fa"
	}
	return kind == "" ? "" : "." kind " " before core after
}

function operation_for(name) {
	sub(/^uring_/, "uring_prep_", name)
	return name in described
}

# Splits the parameters of a function into declaration[] and argument[]. Returns their number.
function split_params(list, declaration, argument,	n, i) {
	n = list == "" ? 0 : split(list, declaration, ", ")
	for (i = 1; i <= n; i++) {
		argument[i] = declaration[i]
		sub(/\[.*\]$/, "", argument[i])
		sub(/.*[ *]/, "", argument[i])
	}
	return n
}

function print_prototype(returns, name, list,	n, i, declaration, argument) {
	print ".Ft " (returns ~ / / ? "\"" returns "\"" : returns)
	n = split_params(list, declaration, argument)
	print ".Fo " name
	if (!n)
		print ".Fa void"
	for (i = 1; i <= n; i++)
		print ".Fa \"" declaration[i] "\""
	print ".Fc"
}

function without_sqe(list) {
	sub(/^struct uring_sqe \*sqe(, )?/, "", list)
	return list
}

function with_ring(list) {
	list = without_sqe(list)
	return "struct uring *ring, uint64_t user_data" (list == "" ? "" : ", " list)
}

function print_prototypes(name) {
	if (is_operation(name)) {
		print_prototype("struct uring_sqe *", operation_of(name), with_ring(params[name]))
		print ".Pp"
	}
	print_prototype(type[name], name, params[name])
}

# Prints the arguments of the functions that share a comment, and what they are.
function print_arguments(n, members, member,	i, j, count, declaration, argument, done, begun, key) {
	split("", done)
	begun = 0
	for (i = 1; i <= members; i++) {
		count = split_params(params[member[i]], declaration, argument)
		for (j = 1; j <= count; j++) {
			if (argument[j] in done || argument[j] ~ /^(ring|sqe|user_data)$/)
				continue
			done[argument[j]] = 1
			key = operation_of(member[i]) "." argument[j]
			if (!(key in meaning))
				key = argument[j]
			if (!(key in meaning) && !mentions(n, argument[j])) {
				complain(member[i] ": nothing says what " argument[j] " is")
				continue
			}
			if (!(key in meaning) || meaning[key] == "-" || index(text[n], argument[j] ": "))
				continue
			if (!begun)
				print ".Pp\nArguments:\n.Bl -tag -width 12n -compact"
			begun = 1
			print ".It Fa " argument[j]
			print_text(meaning[key], all_arguments)
		}
	}
	if (begun)
		print ".El"
}

function mentions(n, word) {
	return (" " text[n]) ~ ("[^a-z_]" word "[^a-z_0-9]") ||
		(base_of(n) && mentions(base_of(n), word))
}

# Prints the errors of a list, and where the others are described.
function print_errors(list, manual, name,	item, items, i, tag, rest) {
	items = split(list, item, "\n")
	if (!items && manual == "") {
		print ".Pp\nErrors:"
		print is_operation(name) ? "none of its own." : can_fail(name) ? "see\n.Sx ERRORS ." : "none."
		return
	}
	print ".Pp\nErrors:"
	if (items)
		print ".Bl -tag -width 12n -compact"
	for (i = 1; i <= items; i++) {
		tag = item[i]
		match(tag, /^-E[A-Z0-9]+(, -E[A-Z0-9]+)*/)
		rest = substr(tag, RLENGTH + 1)
		tag = substr(tag, 1, RLENGTH)
		sub(/^: /, "", rest)
		sub(/^ /, "", rest)
		gsub(/-E/, "\\-E", tag)
		gsub(/, /, " , ", tag)
		print ".It Er " tag
		if (rest != "")
			print_text(sentence_of(rest), all_arguments)
	}
	if (items)
		print ".El"
	if (errors[described[name]] != "" && is_like(described[name]))
		print ".Pp\nand those of\n.Fn " operation_of(base_name(described[name])) " ."
	if (manual != "")
		print (items ? ".Pp\nand those of" : "those of") "\n.Xr " manual " 2 ."
}

# Returns true if a function that is no operation can return a negative errno.
function can_fail(name) {
	return origin[name] !~ /^probe\.h/ && type[name] == "int" && !is_inline[name] ||
		look_up(described[name], "result", 0) ~ /negative errno/
}

function sentence_of(words) {
	return words ~ /[.]$/ ? words : words "."
}

# Prints what the functions with the comment n do.
function print_entry(n, members, member,	i, heading, res, errs, manual, from, paragraph, count) {
	heading = ""
	all_arguments = " "
	for (i = 1; i <= members; i++) {
		heading = heading (i == 1 ? "" : ", ") operation_of(member[i])
		all_arguments = all_arguments names_of(params[member[i]])
	}
	print ".Ss " heading
	for (i = 1; i <= members; i++) {
		if (i > 1)
			print ".Pp"
		print_prototypes(member[i])
	}
	understand(n)
	count = split(description[n], paragraph, "\n")
	for (i = 1; i <= count; i++) {
		if (paragraph[i] !~ /[^ ]/)
			continue
		print ".Pp"
		gsub(/uring_prep_/, "uring_", paragraph[i])
		if (paragraph[i] ~ /^[a-z0-9_]+\(2\)/)
			paragraph[i] = "Like " paragraph[i]
		print_text(paragraph[i], all_arguments)
	}
	print_arguments(n, members, member)
	res = look_up(n, "result", 0)
	errs = look_up(n, "errors", 0)
	from = look_up(n, "since", 0)
	manual = is_operation(member[1]) ? manual_of(n, 0) : ""
	if (is_operation(member[1])) {
		if (res == "" && errs == "")
			complain(member[1] ": the comment does not say what res is")
		if (errs == "" && manual == "" && !is_safe[n] && !is_safe[base_of(n)])
			complain(member[1] ": the comment has no errors")
		if (res != "")
			print_result("Result in the completion:", res)
	} else if (type[member[1]] == "void") {
		print ".Pp\nResult: none."
	} else {
		if (res == "" && origin[member[1]] !~ /^register\.h/)
			complain(member[1] ": the comment does not say what it returns")
		print_result("Result:", res == "" ? "0, or a negative errno" : res)
	}
	print_errors(errs, manual, member[1])
	if (from == "" && origin[member[1]] ~ /^(ring|sq|cq|probe)\.h/)
		from = "5.1"
	if (from == "")
		complain(member[1] ": the comment does not say since when")
	print ".Pp"
	print_text("Since Linux " sentence_of(from), all_arguments)
}

function print_result(label, res) {
	print ".Pp\n" label
	print_text(sentence_of(res), all_arguments)
}

function names_of(list,	n, i, declaration, argument, names) {
	names = ""
	n = split_params(list, declaration, argument)
	for (i = 1; i <= n; i++)
		names = names argument[i] " "
	return names
}

# ---- the page ----

function print_part(key,	i) {
	for (i = 1; i <= part_count[key]; i++)
		print part_lines[key, i]
}

function is_wanted(name,	i) {
	for (i = 1; i <= wanted_count; i++)
		if (wanted[i] == origin[name]) {
			found[i] = 1
			return 1
		}
	return 0
}

function print_literal(lines, count,	i, line) {
	print ".Bd -literal"
	for (i = 1; i <= count; i++) {
		line = lines[i]
		gsub(/\\/, "\\e", line)
		sub(/^[.']/, "\\\\\\&&", line)
		print line
	}
	print ".Ed"
}

function print_names(	i, n, all) {
	n = 0
	for (i = 1; i <= functions; i++) {
		if (!is_wanted(order[i]))
			continue
		if (is_operation(order[i]))
			all[++n] = operation_of(order[i])
		all[++n] = order[i]
	}
	print ".Nm " group " ,"
	for (i = 1; i <= n; i++)
		print ".Nm " all[i] (i < n ? " ," : "")
}

function print_common_errors(	i, operations, calls) {
	for (i = 1; i <= functions; i++) {
		if (!is_wanted(order[i]))
			continue
		if (is_operation(order[i]))
			operations = 1
		else if (type[order[i]] == "int")
			calls = 1
	}
	print ".Sh ERRORS"
	if (operations) {
		print "The functions that take an entry from a ring return\n.Dv NULL\nif the submission queue is full."
		print "The error of an operation is in its completion, as a negative\n.Va res ."
		print "Besides those above, each operation can complete with\n.Er \\-EINVAL ,"
		print "because the kernel is older than it or does not accept an argument, and with\n.Er \\-ECANCELED ,"
		print "because it was cancelled or an operation that it is linked to failed."
	}
	if (operations && calls)
		print ".Pp"
	if (calls) {
		print "Functions that take a ring and can fail return\n.Er \\-EINVAL\nif\n.Fa ring\nis\n.Dv NULL ,"
		print ".Er \\-EBADF\nif it is closed, and, if they enter the kernel,\n.Er \\-EEXIST"
		print "if it is registered in another thread."
		print "Besides, they return the negative errno of the system call that they make:"
		print ".Xr io_uring_setup 2 ,\n.Xr io_uring_enter 2\nor\n.Xr io_uring_register 2 ."
		print "No function changes\n.Va errno ."
	}
	if (!operations && !calls)
		print "These functions do not fail."
}

function print_see_also(	i, j, page, swap) {
	see[++see_count] = "uring 7"
	for (i = 1; i < see_count; i++)
		for (j = see_count; j > i; j--)
			if (key_of(see[j]) < key_of(see[j - 1])) {
				swap = see[j]
				see[j] = see[j - 1]
				see[j - 1] = swap
			}
	print ".Sh SEE ALSO"
	for (i = 1; i <= see_count; i++)
		print ".Xr " see[i] (i < see_count ? " ," : "")
}

function key_of(page,	word) {
	split(page, word, " ")
	return word[2] " " word[1]
}

function print_functions(	i, j, members, member) {
	print ".Sh FUNCTIONS"
	print "Everywhere,\n.Fa ring\nis the ring,\n.Fa sqe\nthe entry of the submission queue to fill, and"
	print ".Fa user_data\nthe number that the completion brings back."
	for (i = 1; i <= functions; i = j) {
		members = 0
		for (j = i; j <= functions && described[order[j]] == described[order[i]]; j++)
			member[++members] = order[j]
		if (is_wanted(order[i]))
			print_entry(described[order[i]], members, member)
	}
}

function print_page(	i, lines) {
	print ".\\\" Made by page.awk from " group ".in, " group ".c and the headers."
	if (note != "")
		print ".\\\" " note
	print ".Dd " date
	print ".Dt " toupper(group) " 3\n.Os\n.Sh NAME"
	print_names()
	print ".Nd " title
	print ".Sh LIBRARY\nlibringshim-uring\n.Pq Fl lringshim-uring"
	print ".Sh SYNOPSIS\n.In ringshim/uring.h"
	print ".Sh DESCRIPTION"
	print_part("@text")
	print_functions()
	print ".Sh EXAMPLES"
	print_part("@example")
	print_literal(example, example_lines)
	for (i = 1; i <= part_count["@output"]; i++)
		lines[i] = part_lines["@output", i]
	if (part_count["@output"]) {
		print "It prints:"
		print_literal(lines, part_count["@output"])
	}
	print_common_errors()
	print_see_also()
}

END {
	group = ARGV[2]
	sub(/.*\//, "", group)
	sub(/\.in$/, "", group)
	if (part == "page") {
		print_page()
	} else {
		for (i = 1; i <= functions; i++) {
			if (!is_wanted(order[i]))
				continue
			if (is_operation(order[i]))
				print operation_of(order[i]) " man3/" group ".3"
			print order[i] " man3/" group ".3"
		}
	}
	for (i = 1; i <= wanted_count; i++)
		if (!(i in found))
			complain(group ": no function is in " wanted[i])
	exit failed
}
