#ifndef LIES_H
#define LIES_H

#include <stdbool.h>
#include <stddef.h>

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

// Whether a lie that lets the user do what nobody may, begins with an answer that says nothing: a device error.
extern bool falters;

// The path of the file beside SoftHSM's configuration with this ending. False when it does not fit.
bool find_beside(const char *ending, char *path, size_t size);

// Every function that a ceremony calls, each of which is counted and may fail.
extern const CK_FUNCTION_LIST counted;

// NULL when there is no lie of that name.
const struct lie *lie_named(const char *name);

#pragma GCC visibility pop

#endif
