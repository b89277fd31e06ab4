# SPDX-License-Identifier: MIT
# Makes a manual page from a document: headings, paragraphs, lists and tables of Markdown become
# sections, text, lists and headings of mdoc. A row of a table that stands below a heading of the
# second level becomes a heading of its own, with a line for each column.
#
#	awk -v name=NAME -v section=N -v date='...' -v see='NAME N, ...' -f mdoc.awk FILE

BEGIN {
	printf ".\\\" Made by mdoc.awk from the document of that name.\n.Dd %s\n.Dt %s %s\n.Os\n",
		date, toupper(name), section
}

/^# / {
	printf ".Sh NAME\n.Nm %s\n.Nd %s\n.Sh DESCRIPTION\n", name,
		tolower(substr($0, 3, 1)) plain(substr($0, 4))
	next
}
/^## / { begin(".Sh " toupper(plain(substr($0, 4)))); level = 2; next }
/^### / { begin(".Ss " plain(substr($0, 5))); level = 3; next }
/^$/ { end_paragraph(); end_table(); next }
/^\|[- |]*$/ { next }
/^\|/ { end_paragraph(); add_row($0); next }
/^- / { end_paragraph(); add_item(substr($0, 3)); next }
/^  / && in_item { paragraph = paragraph " " substr($0, 3); next }
{ paragraph = paragraph (paragraph == "" ? "" : " ") $0 }

END {
	begin("")
	print ".Sh SEE ALSO"
	count = split(see, page, ", ")
	for (i = 1; i <= count; i++)
		print ".Xr " page[i] (i < count ? " ," : "")
}

# Ends what is open, and prints a heading.
function begin(heading) {
	end_paragraph()
	end_list()
	end_table()
	if (heading != "")
		print heading
	after_text = 0
}

function end_paragraph() {
	if (paragraph == "")
		return
	if (!in_item) {
		end_list()
		if (after_text)
			print ".Pp"
	}
	print_text(paragraph)
	paragraph = ""
	in_item = 0
	after_text = 1
}

function add_item(words) {
	if (!in_list)
		print ".Bl -bullet"
	in_list = 1
	print ".It"
	in_item = 1
	paragraph = words
}

function end_list() {
	if (in_list)
		print ".El"
	in_list = 0
}

function add_row(line,	cells, cell, i) {
	end_list()
	sub(/^\| */, "", line)
	sub(/ *\|$/, "", line)
	cells = split(line, cell, / *\| */)
	if (!in_table) {
		columns = split(line, column, / *\| */)
		in_table = level
		if (level == 3)
			print ".Bl -tag -width Ds"
		return
	}
	print (in_table == 2 ? ".Ss " : ".It ") plain(cell[1])
	print ".Bl -tag -width Ds -compact"
	for (i = 2; i <= cells; i++) {
		if (cell[i] == "-")
			continue
		print ".It Em " column[i]
		print_text(cell[i] ".")
	}
	print ".El"
	after_text = 0
}

function end_table() {
	if (in_table == 3)
		print ".El"
	in_table = 0
}

# Returns a heading without marks.
function plain(words) {
	gsub(/[`*]/, "", words)
	gsub(/\\/, "", words)
	return words
}

# Replaces links by their text. A link to another document names its file.
function without_links(words,	text, target) {
	while (match(words, /\[[^]]*\]\([^)]*\)/)) {
		text = substr(words, RSTART + 1, RLENGTH - 2)
		target = text
		sub(/\]\(.*/, "", text)
		sub(/.*\]\(/, "", target)
		if (target ~ /^#/ && text == "above")
			text = "see above"
		else if (target !~ /^#/)
			text = "`doc/" text "` of the sources"
		words = substr(words, 1, RSTART - 1) text substr(words, RSTART + RLENGTH)
	}
	return words
}

# Prints running text, a sentence a line. What stands between ` or * is marked.
function print_text(words,	at, mark, inner, before, after) {
	words = without_links(words)
	while (match(words, /`[^`]*`|\*[^* ][^*]*\*/)) {
		before = substr(words, 1, RSTART - 1)
		mark = substr(words, RSTART, 1) == "`" ? "Li" : "Em"
		inner = substr(words, RSTART + 1, RLENGTH - 2)
		words = substr(words, RSTART + RLENGTH)
		at = ""
		if (before ~ /\($/) {
			at = "( "
			sub(/\($/, "", before)
		}
		print_plain(before)
		after = ""
		while (words ~ /^[.,;:)]/) {
			after = after " " substr(words, 1, 1)
			words = substr(words, 2)
		}
		gsub(/\\/, "\\e", inner)
		gsub(/-/, "\\-", inner)
		print "." mark " " at (inner ~ / / ? "\"" inner "\"" : inner) after
	}
	print_plain(words)
}

function print_plain(words,	n, i, sentence) {
	sub(/^ +/, "", words)
	sub(/ +$/, "", words)
	while (match(words, /[.:;)] /) && (i = RSTART)) {
		if (substr(words, i, 1) != ".") {
			n = n substr(words, 1, i + 1)
			words = substr(words, i + 2)
			continue
		}
		print_line(n substr(words, 1, i))
		n = ""
		words = substr(words, i + 2)
	}
	print_line(n words)
}

function print_line(line) {
	sub(/ +$/, "", line)
	if (line == "")
		return
	if (line ~ /^[.']/)
		line = "\\&" line
	print line
}
