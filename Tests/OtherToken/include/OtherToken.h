#ifndef OTHER_TOKEN_H
#define OTHER_TOKEN_H

// A PKCS#11 module for tests that stands before another make's, loaded by a PKCS#11 host at run time. It exports
// C_GetFunctionList and nothing else, so there is nothing to declare that <p11-kit/pkcs11.h> does not.

#endif
