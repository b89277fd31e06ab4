/* SPDX-License-Identifier: MIT */
/*
 * Fills the file system that the working directory is on, in several ways, and prints what each call
 * returns. Then makes room again and goes on. For a small file system that is empty.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BLOCK = 100000, MOST = 10000 };

static char block[BLOCK];

static void say(const char *what, long ret)
{
	printf("%s: %ld%s%s\n", what, ret, ret < 0 ? " " : "", ret < 0 ? strerrorname_np(errno) : "");
}

static long write_block(int fd)
{
	return write(fd, block, BLOCK);
}

static long pwrite_block(int fd)
{
	return pwrite(fd, block, BLOCK, lseek(fd, 0, SEEK_END));
}

static long writev_block(int fd)
{
	struct iovec parts[] = { { block, 1000 }, { block, BLOCK - 1000 } };

	return writev(fd, parts, 2);
}

static long allocate_block(int fd)
{
	return fallocate(fd, 0, lseek(fd, 0, SEEK_END), BLOCK) ? -1 : BLOCK;
}

/* Repeats a call until it fails. Prints how often it did all, and what the others returned. */
static void fill(const char *name, long (*call)(int fd))
{
	int fd = open(name, O_RDWR | O_CREAT, 0600), whole = 0;
	long ret;

	for (int i = 0; i < MOST && (ret = call(fd)) >= 0; i++) {
		whole += ret == BLOCK;
		if (ret != BLOCK)
			say(name, ret);
	}
	printf("%s: %d whole blocks\n", name, whole);
	say(name, ret);
	say("once more", call(fd));
	say("one byte", write(fd, block, 1));
	say("fsync", fsync(fd));
	say("size", lseek(fd, 0, SEEK_END));
	say("close", close(fd));
}

/* A journal gives the room back when it has been committed, which it would be some time later. */
static void remove_file(const char *name)
{
	int directory = open(".", O_RDONLY | O_DIRECTORY);

	say("unlink", unlink(name));
	say("syncfs", syncfs(directory));
	close(directory);
}

static void use_names(void)
{
	char name[16];
	int made = 0;

	while (made < MOST) {
		snprintf(name, sizeof(name), "d%d", made);
		if (mkdir(name, 0700))
			break;
		made++;
	}
	say("mkdir", made < MOST ? -1 : 0);
	say("open", open("new", O_CREAT | O_WRONLY, 0600) < 0 ? -1 : 0);
	say("link", link("write", "link"));
	say("rename", rename("write", "renamed"));
}

/* stdio keeps what it cannot write, and says so. */
static void use_stream(void)
{
	FILE *file = fopen("renamed", "a");

	say("fwrite", (long)fwrite(block, 1, BLOCK, file));
	say("fflush", fflush(file));
	say("ferror", ferror(file) != 0);
	say("fclose", fclose(file));
}

static void make_room(void)
{
	int fd = open("renamed", O_RDWR);

	say("ftruncate", ftruncate(fd, 0));
	lseek(fd, 0, SEEK_SET);
	say("write", write(fd, block, BLOCK));
	say("fsync", fsync(fd));
	memset(block, 0, BLOCK);
	say("pread", pread(fd, block, BLOCK, 0));
	say("contents", block[0] == 'x' && block[BLOCK - 1] == 'x');
	close(fd);
}

int main(void)
{
	memset(block, 'x', BLOCK);
	fill("write", write_block);
	remove_file("write");
	fill("pwrite", pwrite_block);
	remove_file("pwrite");
	fill("allocate", allocate_block);
	remove_file("allocate");
	fill("write", writev_block);
	use_names();
	use_stream();
	make_room();
	return 0;
}
