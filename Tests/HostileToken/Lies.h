#ifndef LIES_H
#define LIES_H

#include <stdbool.h>

#include <p11-kit/pkcs11.h>

#pragma GCC visibility push(hidden)

// One way to lie: the functions that are not NULL here stand where the honest module's would.
struct lie {
    const char *name;
    CK_FUNCTION_LIST instead;
};

// The module beneath, which does not lie.
extern CK_FUNCTION_LIST *honest;

// Whether throwaway keys, those that end with their session, are dealt with honestly.
extern bool spares_throwaway_keys;

// NULL when there is no lie of that name.
const struct lie *lie_named(const char *name);

#pragma GCC visibility pop

#endif
