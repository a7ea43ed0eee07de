// Preloaded into a gateway, lets calls on its database fail: the file that FAULTS names holds the name of a call and an error number, or
// nothing.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fails(const char *call, int fd) {
  char link[64], target[512], text[64], name[32];
  int code = 0;
  const char *control = getenv("FAULTS");
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, target, sizeof target - 1);
  if (!control || length < 0) return 0;
  target[length] = 0;
  if (!strstr(target, "tollgate.db")) return 0;
  int file = syscall(SYS_openat, AT_FDCWD, control, O_RDONLY);
  if (file < 0) return 0;
  length = syscall(SYS_read, file, text, sizeof text - 1);
  syscall(SYS_close, file);
  if (length <= 0) return 0;
  text[length] = 0;
  if (sscanf(text, "%31s %d", name, &code) != 2 || strcmp(name, call)) return 0;
  errno = code;
  return 1;
}

#define ORIGINAL(call) ((typeof(&call))dlsym(RTLD_NEXT, #call))

ssize_t write(int fd, const void *bytes, size_t count) { return fails("write", fd) ? -1 : ORIGINAL(write)(fd, bytes, count); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return fails("write", fd) ? -1 : ORIGINAL(pwrite)(fd, bytes, count, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { return fails("write", fd) ? -1 : ORIGINAL(pwrite64)(fd, bytes, count, at); }
int fsync(int fd) { return fails("fsync", fd) ? -1 : ORIGINAL(fsync)(fd); }
int fdatasync(int fd) { return fails("fsync", fd) ? -1 : ORIGINAL(fdatasync)(fd); }
