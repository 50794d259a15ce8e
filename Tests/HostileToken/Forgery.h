#ifndef FORGERY_H
#define FORGERY_H

#include <openssl/evp.h>
#include <p11-kit/pkcs11.h>

#pragma GCC visibility push(hidden)

// What a secret key is made of.
struct material {
    unsigned char bytes[64];
    size_t length;
};

// Takes an extractable key out of the honest module, wrapped under a key of the forger's own.
CK_RV take_out(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, struct material *material);

// Encrypts material under a wrapping key with OAEP, no label, and any hashes; with PKCS #1 1.5 when the hash is NULL.
//
// On entry *length is the room for the blob, afterwards its size.
CK_RV seal(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE wrapping_key, const struct material *material,
           const EVP_MD *hash, const EVP_MD *mgf1, unsigned char *blob, CK_ULONG *length);

#pragma GCC visibility pop

#endif
