#ifndef CSPAWN_SHIM_H
#define CSPAWN_SHIM_H

// Declared for _GNU_SOURCE alone, which Swift's import of glibc does not define (glibc 2.34).
#include <spawn.h>
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
int pipe2(int ends[2], int flags);
int memfd_create(const char *name, unsigned int flags);
#include <linux/memfd.h>

// A mutable global, which Swift 6 does not let through.
extern char **environ;
static inline char **cspawn_environment(void) { return environ; }

// prctl(2) takes what it takes, which Swift does not call. Each answers 0, or -1 with errno.
#include <sys/prctl.h>
static inline int cspawn_end_with_parent(int signal) { return prctl(PR_SET_PDEATHSIG, signal); }
static inline int cspawn_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0); }

#endif
