#ifndef HOSTILE_TOKEN_H
#define HOSTILE_TOKEN_H

// A PKCS#11 module for tests that lies in one way, loaded by a PKCS#11 host at run time. It exports C_GetFunctionList and
// nothing else, so there is nothing to declare that <p11-kit/pkcs11.h> does not.

#endif
