#ifndef CP11KIT_SHIM_H
#define CP11KIT_SHIM_H

// PKCS#11 2.40 types and constants, and p11-kit's module loader and RFC 7512 URIs.
#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>

// PKCS#11's CK_RSA_AES_KEY_WRAP_PARAMS (2.40 mechanisms, 2.1.21), which p11-kit's header does not have.
typedef struct {
    CK_ULONG aesKeyBits;
    CK_RSA_PKCS_OAEP_PARAMS *oaepParameters;
} KeyriteRSAAESKeyWrapParameters;

// CK_C_INITIALIZE_ARGS as NSS's softoken reads it: what it is to open stands where the standard has the reserved pointer
// (NSS's pkcs11t.h, LibraryParameters), and that comes after. Other modules find the standard's structure at its start.
typedef struct {
    CK_C_INITIALIZE_ARGS standard;
    void *reservedAfterParameters;
} KeyriteInitializeArguments;

#endif
