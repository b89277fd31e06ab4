# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034  # the scripts that load this use the variables
# What the guests' architectures need. Columns: name; release of Debian that has it ("-": this
# system's); end of the names of its kernel packages; emulator and the package that has it; machine,
# processor and console of the guest; target of the compiler.
#
# Emulation has handled the vector instructions of these processors correctly for years.
architecture_table='
amd64    -       cloud-amd64  qemu-system-x86_64:qemu-system-x86   pc    Nehalem,+rdrand  ttyS0    x86_64-linux-gnu
arm64    -       cloud-arm64  qemu-system-aarch64:qemu-system-arm  virt  neoverse-n1      ttyAMA0  aarch64-linux-gnu
riscv64  trixie  riscv64      qemu-system-riscv64:qemu-system-misc virt  rv64             ttyS0    riscv64-linux-gnu
'

# Sets the variables to a row of the table. Fails if there is none of that name.
use_architecture() { # NAME
	local row

	row=$(awk -v name="$1" '$1 == name' <<<"$architecture_table")
	[ -n "$row" ] || return
	read -r architecture release flavour emulator machine model console target <<<"$row"
}

# Prints the names, for messages.
architecture_names() {
	awk 'NF { printf "%s%s", separator, $1; separator = ", " }' <<<"$architecture_table"
}
