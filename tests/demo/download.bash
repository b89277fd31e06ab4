# SPDX-License-Identifier: MIT
# download.bash PORT NAME COPY: downloads NAME over HTTP from PORT of this machine.
set -eu

exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET /%s HTTP/1.0\r\n\r\n' "$2" >&3
while IFS= read -r -u 3 line && [ "$line" != $'\r' ]; do
	:	# the header ends with an empty line
done
cat <&3 >"$3"
