# SPDX-License-Identifier: MIT
# Prints ringshim(7): its source, in which the rows of reasons.def take the place of @REASONS@.
# usage: awk -f reasons.awk reasons.def ringshim.7.in

FNR == 1 { file++ }
file == 2 { print $0 == "@REASONS@" ? reasons : $0; next }

/^REASON\(/ {
	if (split($0, part, "\"") != 5) {
		print "reasons.def:" FNR ": not REASON(NAME, \"word\", \"text\"): " $0 > "/dev/stderr"
		exit 1
	}
	if (part[2] != "ring")
		reasons = reasons (reasons == "" ? "" : "\n") ".It Cm " part[2] "\n" part[4]
}
