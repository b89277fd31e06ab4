#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Syncing ahead: files are on the disk before the program's fsync of them returns, and most of them
# without a sync of its own. See ahead.bash for the disk that the tests use.

# shellcheck disable=SC2154  # the names that slow_names and make check set
load ../lib/common.bash
load ahead.bash
