# dd.bash DIR BLOCK-SIZE: copies a file; prints the time of the whole copy.
. "$(dirname "$0")/common.bash"
size=$(full_or_quick 64 16)
once dd.data head -c "${size}M" /dev/urandom
timed under dd if="$scratch/dd.data" of="$scratch/dd.out" bs="$2" conv=notrunc status=none
