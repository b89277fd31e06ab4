#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Repeats the tests of operations on other kinds of rings than the default one.

load uring.bash

on() { # KIND PROGRAM
	URING_TEST_RING=$1 whole "$programs/$2"
}

@test "the files tests pass on a thread ring" {
	on thread files
}

@test "the names tests pass on a thread ring" {
	on thread names
}

@test "the sockets tests pass on a thread ring" {
	on thread sockets
}

@test "the events tests pass on a thread ring" {
	on thread events
}

@test "the misc tests pass on a thread ring" {
	on thread misc
}

@test "the queue tests pass on a thread ring" {
	on thread queue
}

@test "the register tests pass on a thread ring" {
	on thread register
}

@test "the bad-input tests pass on a thread ring" {
	on thread bad-input
}

@test "the files tests pass on an sqpoll ring" {
	on sqpoll files
}

@test "the names tests pass on an sqpoll ring" {
	on sqpoll names
}

@test "the sockets tests pass on an sqpoll ring" {
	on sqpoll sockets
}

@test "the events tests pass on an sqpoll ring" {
	on sqpoll events
}

@test "the misc tests pass on an sqpoll ring" {
	on sqpoll misc
}

@test "the queue tests pass on an sqpoll ring" {
	on sqpoll queue
}

@test "the register tests pass on an sqpoll ring" {
	on sqpoll register
}

@test "the bad-input tests pass on an sqpoll ring" {
	on sqpoll bad-input
}

@test "the files tests pass on an array ring" {
	on array files
}

@test "the names tests pass on an array ring" {
	on array names
}

@test "the sockets tests pass on an array ring" {
	on array sockets
}

@test "the events tests pass on an array ring" {
	on array events
}

@test "the misc tests pass on an array ring" {
	on array misc
}

@test "the queue tests pass on an array ring" {
	on array queue
}

@test "the register tests pass on an array ring" {
	on array register
}

@test "the bad-input tests pass on an array ring" {
	on array bad-input
}
