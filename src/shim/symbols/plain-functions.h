/* SPDX-License-Identifier: MIT */
/*
 * The compiler includes this before each file of the library (-include in shim.am), and of tests
 * that call its functions by all names, so that no CFLAGS fortify them. Fortified headers turn the
 * functions that are defined here into inline functions; with glibc 2.40 and clang some have several
 * types.
 */
#undef _FORTIFY_SOURCE
