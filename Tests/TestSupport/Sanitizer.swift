import Glibc

/// Whether these tests run under a sanitizer, which takes memory over from the system: mlock(2), for one, does nothing then.
package let isSanitized = dlsym(nil, "__tsan_init") != nil || dlsym(nil, "__asan_init") != nil
