#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The operations once more, on other kinds of rings than the default one.

load uring.bash

on() { # KIND PROGRAM
	URING_TEST_RING=$1 whole "$programs/$2"
}

@test "files on a thread ring" {
	on thread files
}

@test "names on a thread ring" {
	on thread names
}

@test "sockets on a thread ring" {
	on thread sockets
}

@test "events on a thread ring" {
	on thread events
}

@test "misc on a thread ring" {
	on thread misc
}

@test "queue on a thread ring" {
	on thread queue
}

@test "register on a thread ring" {
	on thread register
}

@test "bad-input on a thread ring" {
	on thread bad-input
}

@test "files on a sqpoll ring" {
	on sqpoll files
}

@test "names on a sqpoll ring" {
	on sqpoll names
}

@test "sockets on a sqpoll ring" {
	on sqpoll sockets
}

@test "events on a sqpoll ring" {
	on sqpoll events
}

@test "misc on a sqpoll ring" {
	on sqpoll misc
}

@test "queue on a sqpoll ring" {
	on sqpoll queue
}

@test "register on a sqpoll ring" {
	on sqpoll register
}

@test "bad-input on a sqpoll ring" {
	on sqpoll bad-input
}

@test "files on a array ring" {
	on array files
}

@test "names on a array ring" {
	on array names
}

@test "sockets on a array ring" {
	on array sockets
}

@test "events on a array ring" {
	on array events
}

@test "misc on a array ring" {
	on array misc
}

@test "queue on a array ring" {
	on array queue
}

@test "register on a array ring" {
	on array register
}

@test "bad-input on a array ring" {
	on array bad-input
}
