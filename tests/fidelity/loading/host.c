/* SPDX-License-Identifier: MIT */
/* host PLUGIN: loads the plugin in several ways, uses it, and unloads it, many times. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef HOST_TLS
static __thread char large[HOST_TLS];
#endif

static int io_works(void)
{
	char in[8] = "";
	int p[2], ok;

	if (pipe(p))
		return 0;
	ok = write(p[1], "host", 4) == 4 && read(p[0], in, 8) == 4;
	close(p[0]);
	close(p[1]);
	return ok;
}

static int once(const char *name, int flags)
{
	void *lib = dlopen(name, flags);
	int (*works)(void), ok;

	if (!lib) {
		const char *why = dlerror();
		const char *colon = strrchr(why, ':');

		printf("dlopen:%s\n", colon ? colon + 1 : why);
		return 0;
	}
	works = (int (*)(void))dlsym(lib, "plugin_works");
	ok = works && works() && io_works();
	return !dlclose(lib) && ok && io_works();
}

int main(int argc, char **argv)
{
	int good = 0;

#ifdef HOST_TLS
	memset(large, 1, sizeof(large));
#endif
	printf("before %d\n", io_works());
	for (int i = 0; i < 50; i++)
		good += once(argv[1], i % 2 ? RTLD_NOW | RTLD_LOCAL : RTLD_LAZY | RTLD_GLOBAL);
	printf("loaded and unloaded %d\n", good);
	printf("deep %d\n", once(argv[1], RTLD_NOW | RTLD_DEEPBIND));
	if (argc > 2) {
		void *lib = dlmopen(LM_ID_NEWLM, argv[1], RTLD_NOW);
		int (*works)(void) = lib ? (int (*)(void))dlsym(lib, "plugin_works") : NULL;

		printf("other namespace %d\n", works ? works() : -1);
	}
	printf("after %d\n", io_works());
	return 0;
}
