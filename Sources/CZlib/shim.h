#ifndef CZLIB_SHIM_H
#define CZLIB_SHIM_H

#include <zlib.h>

// A macro in zlib.h, which Swift does not see. 15 is the largest window, 16 more asks for gzip's header and checksum.
static inline int czlib_inflate_gzip_init(z_stream *stream) { return inflateInit2(stream, 15 + 16); }

// Declared for _GNU_SOURCE alone, which Swift's import of glibc does not define: what else going through events needs.
void *memmem(const void *haystack, size_t haystack_length, const void *needle, size_t needle_length);

#endif
