# SPDX-License-Identifier: MIT
# Generates one of the files that are made from calls.table. The variable part says
# which one: rows, declarations, exports-SOURCE, numbers, timed (all C) or manual (mdoc).

BEGIN {
	if (part ~ /^exports-/) {
		wanted = substr(part, 9)
		part = "exports"
	}
	if (part != "manual")
		print "/* Made from calls.table by calls.awk. */"
	if (part == "exports")
		print "#include \"shim/iowq/workers.h\"\n#include \"shim/symbols/next-symbol.h\"\n#include \"shim/route/route.h\"\n"
}

/^#/ || NF == 0 { next }

$1 == "family" { family(); next }
$1 == "source" { source = $2; sub(/.*\//, "", source); next }
$1 == "call" { begin_call(); next }
$1 == "name" { name(); next }
$1 == "hand" { row("NAME", $2); alias($2); timed(); timed_hand(); next }
$1 == "watch" { row("WATCH", $2); next }
$1 == "number" { number(); next }
{
	printf "calls.table:%d: not family, source, call, name, hand, number or watch: %s\n", NR, $1 > "/dev/stderr"
	exit 1
}

END {
	end_call()
	end_family()
	if (part == "timed")
		printf "static const struct timed_number timed_numbers[] = {\n%s};\n", timed_numbers
}

function family(	text) {
	end_call()
	end_family()
	text = $0
	sub(/^family [a-z]+ [a-z]+ /, "", text)
	if (part == "rows")
		printf "FAMILY(%s, %s, \"%s\")\n", $2, $3 == "on" ? "true" : "false", text
	if (part == "manual")
		printf ".Ss %s (%s by default)\n%s.\n.Bl -tag -width Ds\n", $2, $3,
		       toupper(substr(text, 1, 1)) substr(text, 2)
	in_family = 1
}

function end_family() {
	if (part == "manual" && in_family)
		print ".El"
}

function begin_call() {
	end_call()
	call = $2
	call_family = $3
	type = $4
	call_params = bracketed($0)
	operation = $0
	sub(/.*-> /, "", operation)
	row("CALL", call ", " $3)
	if (part == "declarations")
		printf "bool call_%s(%s, ssize_t *res);\n", call, inside(call_params)
}

function end_call() {
	if (part == "manual" && call != "") {
		printf ".It Ic %s\n%s.\n", call, operation
		if (aliases != "")
			printf "Also as%s.\n", substr(aliases, 2)
	}
	call = aliases = ""
}

function name(	own) {
	row("NAME", $2)
	alias($2)
	timed()
	own = $0 ~ /\(/
	if (part == "declarations")
		printf "%s %s%s;\n", type, $2, own ? bracketed($0) : call_params
	if (part == "exports" && source == wanted) {
		if (own)
			export_own()
		else
			export_same()
	}
}

# Defines the function that times a name (src/shim/timing).
function timed(	params, list) {
	if (part != "timed")
		return
	params = $0 ~ /\(/ ? bracketed($0) : call_params
	list = stripped(arguments(params))
	printf "static %s timed_%s%s\n{\n\tuint64_t begin = ticks_now();\n", type, $2, params
	printf "\t%s ret = natives.%s(%s);\n\n", type, $2, list
	printf "\ttiming_note(&(struct timed_call){ CALL_%s, %s, %s, %s, %s, SITE }, begin, (ssize_t)ret);\n",
	       call, one_of(params, "fd", "-1"), one_of(params, "dir from_dir", "AT_FDCWD"),
	       one_of(params, "path from", "NULL"), one_of(params, "offset", "-1")
	print "\treturn ret;\n}\n"
}

# syscall(2) sends and receives messages by functions of its own, which have no number row.
function timed_hand() {
	if ($2 == call && call ~ /^(send|recv)m?msg$/)
		timed_number(call)
}

function timed_number(symbol) {
	if (part == "timed")
		timed_numbers = timed_numbers sprintf("#ifdef SYS_%s\n\t{ SYS_%s, CALL_%s, %s },\n#endif\n", symbol, symbol, call, call_params ~ /^\(int fd[,)]/ ? "true" : "false")
}

# Returns the first of the wanted names that is a parameter, or fallback.
function one_of(params, wanted, fallback,	n, m, i, j, want) {
	m = split(wanted, want, / /)
	n = parse(params)
	for (j = 1; j <= m; j++)
		for (i = 1; i <= n; i++)
			if (names[i] == want[j])
				return names[i]
	return fallback
}

# Exports a name that has the call's own parameters. All of these share the function
# make_CALL(), which gets the native function as an argument. They reach it by a tail
# call, because a return behind a system call is expensive.
function export_same(	args) {
	args = arguments(call_params)
	if (!made[call]++) {
		printf "static __attribute__((noinline)) %s make_%s(%s, __typeof__(next_table.%s) native)\n{\n",
		       type, call, inside(call_params), $2
		try_call("", "", args)
		printf "\treturn native(%s);\n}\n\n", stripped(args)
	}
	printf "EXPORT %s %s%s\n{\n\t__typeof__(next_table.%s) native = NEXT(%s);\n", type, $2,
	       call_params, $2, $2
	if (is_told(call)) {
		printf "\tbool is_direct = %s;\n\n", passes()
		printf "\tif (is_direct && likely(!thread_self.may_have_workers))\n\t\treturn native(%s);\n", stripped(args)
		printf "\tif (is_direct ? native(%s) : make_%s(%snative))\n\t\treturn -1;\n", stripped(args), call, args
		printf "\treturn iowq_end_if_listed(path) ? native(%s) : 0;\n}\n\n", stripped(args)
		return
	}
	printf "\n\tif (%s)\n\t\treturn native(%s);\n", passes(), stripped(args)
	printf "\treturn make_%s(%snative);\n}\n\n", call, args
}

# Prints a block of C that tries to make the call by ring. The result lives in the block: if it were
# still there when the native call is made, that would be no tail call.
function try_call(guard, condition, args) {
	printf "\t%s{\n\t\tssize_t res = 0;\n\n", guard
	printf "\t\tif (%scall_%s(%s&res))\n\t\t\treturn (%s)res;\n\t}\n", condition, call, args, type
}

# Returns the C condition under which the call goes direct before anything else. A call of
# the path or wait family that is left out makes the native call and does nothing else, but
# splice and tee give up the positions of their files first.
function passes() {
	if (call_family ~ /^(path|wait)$/ && call !~ /^(splice|tee)$/)
		return "route_is_left_out(CALL_" call ")"
	return call_params ~ /^\(int fd[,)]/ ? "route_is_direct(CALL_" call ", fd)" : "route_is_idle(CALL_" call ")"
}

# Exports a name that has parameters of its own, and maybe a condition under which it is
# the call. A call that tells what a path names may have to be made again after io-wq
# workers have been ended (iowq_end_if_listed() in iowq/workers.h). A direct call makes none,
# so without any before it nothing is left to do after it.
function export_own(	condition, params, native) {
	params = bracketed($0)
	if ($0 ~ / if /) {
		condition = $0
		sub(/.* if /, "", condition)
		condition = condition " && "
	}
	native = "NEXT(" $2 ")(" stripped(arguments(params)) ")"
	printf "EXPORT %s %s%s\n{\n", type, $2, params
	if (!is_told(call)) {
		try_call("if (!" passes() ") ", condition, arguments(call_params))
		printf "\treturn %s;\n}\n\n", native
		return
	}
	print "\tssize_t res = 0;"
	print "\tbool is_direct = " passes() ";\n"
	printf "\tif (is_direct && likely(!thread_self.may_have_workers))\n\t\treturn %s;\n", native
	printf "\tif (is_direct || !(%scall_%s(%s&res)))\n\t\tres = %s;\n", condition, call,
	       arguments(call_params), native
	printf "\tif (!res && iowq_end_if_listed(path))\n\t\tres = %s;\n", native
	printf "\treturn (%s)res;\n}\n\n", type
}

# Returns true for a call that tells what a path names.
function is_told(call) {
	return call ~ /^(stat|lstat|fstatat|statx)$/
}

function stripped(list) {
	sub(/, $/, "", list)
	return list
}

function row(kind, what) {
	if (part == "rows")
		printf "%s(%s)\n", kind, what
}

function alias(symbol) {
	if (symbol != call)
		aliases = aliases ", " symbol
}

function number(	n, i, list) {
	n = parse(call_params)
	for (i = 1; i <= n; i++)
		list = list "(" types[i] ")a[" (NF > 2 ? $(2 + i) : i - 1) "], "
	timed_number($2)
	if (part == "numbers")
		printf "#ifdef SYS_%s\nNUMBER(SYS_%s, call_%s(%sres))\n#endif\n", $2, $2, call, list
}

# Splits "(int fd, void *buf)" into names[] and types[]. Returns the number of parameters.
function parse(params,	n, i, part_) {
	n = split(inside(params), part_, /, */)
	for (i = 1; i <= n; i++) {
		names[i] = types[i] = part_[i]
		sub(/.*[ *]/, "", names[i])
		sub(/ ?[A-Za-z0-9_]+$/, "", types[i])
	}
	return n
}

function arguments(params,	n, i, list) {
	n = parse(params)
	for (i = 1; i <= n; i++)
		list = list names[i] ", "
	return list
}

function bracketed(text) {
	sub(/^[^(]*/, "", text)
	sub(/\).*/, ")", text)
	return text
}

function inside(params) {
	return substr(params, 2, length(params) - 2)
}
