#ifndef REHEARSAL_PARTS_H
#define REHEARSAL_PARTS_H

// What the files of this module share. None of it is exported: a host sees C_GetFunctionList alone.

#include <stdbool.h>

#include <p11-kit/pkcs11.h>

#pragma GCC visibility push(hidden)

// RehearsalToken.c: SoftHSM's functions, there from before the first call of this module.
extern CK_FUNCTION_LIST *softhsm;

// Wraps that SoftHSM does not do, or does wrongly; each is the C_WrapKey of its mechanism, to the last argument.
typedef CK_RV wrap(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key,
                   CK_OBJECT_HANDLE key, unsigned char *wrapped, CK_ULONG *wrapped_length);
wrap wrap_oaep;     // OAEP.c: CKM_RSA_PKCS_OAEP
wrap wrap_key_pad;  // KeyWrapPad.c: CKM_AES_KEY_WRAP_PAD
wrap wrap_rsa_aes;  // RSAAESKeyWrap.c: CKM_RSA_AES_KEY_WRAP

// Replaces the function with which OpenSSL encrypts under RSA; false when it cannot.
bool hook_oaep(void);

// The one form of OAEP that a ceremony may ask for: SHA-256 throughout, no label.
bool is_oaep_sha256(const CK_RSA_PKCS_OAEP_PARAMS *params);

// Parts.c.
// A test of memory stops the process here, where plaintext of a key is known to be in it.
void pause_in_wrap(void);
// Wipes what was to be a blob, and answers CKR_FUNCTION_FAILED.
CK_RV withhold(unsigned char *wrapped, CK_ULONG size, CK_ULONG *wrapped_length);
// A session beside the caller's, on its token and with its login, which takes its objects with it when it is closed.
CK_RV open_beside(CK_SESSION_HANDLE session, CK_SESSION_HANDLE *beside);

// Mechanisms.c: what the token has is SoftHSM's list with what this module adds, less what it was told to be without.
bool read_missing_mechanisms(void);
bool is_missing(const CK_MECHANISM *mechanism);
void list_mechanisms(CK_FUNCTION_LIST *functions);
void refuse_missing_mechanisms(CK_FUNCTION_LIST *functions);

#pragma GCC visibility pop

#endif
