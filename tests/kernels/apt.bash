# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by fetch-kernel and fetch-system: packages for this architecture or another one. Those of
# another come by way of lists of their own, and this system's apt and dpkg stay as they are.

kernel_cache=${RINGSHIM_KERNEL_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/ringshim/kernels}

# Without its own user, apt does not need access to our directories.
apt_options=(-o APT::Sandbox::User=root)
own_lists=

# Another release of Debian than this system's can be named, where this one has no such packages.
use_apt_of() { # ARCHITECTURE [RELEASE]
	local own

	[ "$1" != "$(dpkg --print-architecture)" ] || return 0
	own_lists=$kernel_cache/apt-$1
	mkdir -p "$own_lists"/{sources,lists/partial,archives/partial} || exit
	: >"$own_lists/status"
	cp /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} "$own_lists/sources" 2>/dev/null
	own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	[ "${2:--}" = - ] || [ -z "$own" ] || sed -i "s/\\b$own\\b/$2/g" "$own_lists"/sources/*
	apt_options+=(-o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$own_lists/sources"
		-o "Dir::State::lists=$own_lists/lists" -o "Dir::State::status=$own_lists/status"
		-o "Dir::Cache=$own_lists" -o "APT::Architecture=$1" -o "APT::Architectures=$1")
}

# Fails if this user cannot.
update_lists() {
	[ -n "$own_lists" ] || [ "$(id -u)" -eq 0 ] || return
	apt-get -qq "${apt_options[@]}" update >&2
}
