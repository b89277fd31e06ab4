# SPDX-License-Identifier: MIT
# dd.bash DIR BLOCK-SIZE: copies a file and prints the time of the whole copy.
. "$(dirname "$0")/common.bash"
case $2 in
*k | *M) size=$(full_or_quick 256 128) ;;
*) size=$(full_or_quick 64 16) ;;
esac
once "dd-$size" head -c "${size}M" /dev/urandom
timed under dd if="$scratch/dd-$size" of="$scratch/dd.out" bs="$2" conv=notrunc status=none
