/* SPDX-License-Identifier: MIT */
/*
 * Pseudoterminals: posix_openpt(), getpt(), openpty() and login_tty(). Native calls; these
 * functions keep the descriptor table correct.
 */
#include "shim/calls/descriptor/note.h"
#include "shim/iowq/held-files.h"
#include "shim/symbols/next-symbol.h"

EXPORT int posix_openpt(int flags)
{
	return note_new_fd(NEXT(posix_openpt)(flags));
}

EXPORT int getpt(void)
{
	return note_new_fd(NEXT(getpt)());
}

EXPORT int openpty(int *master, int *slave, char *name, const struct termios *termios,
		   const struct winsize *size)
{
	int ret = NEXT(openpty)(master, slave, name, termios, size);

	if (!ret) {
		note_new_fd(*master);
		note_new_fd(*slave);
	}
	return ret;
}

EXPORT int login_tty(int fd)
{
	int ret;

	iowq_drop_files(&thread_self, -1);
	ret = NEXT(login_tty)(fd);
	fd_forget(fd);
	fd_forget_range(0, 2);
	return ret;
}
