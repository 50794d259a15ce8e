// CKM_RSA_AES_KEY_WRAP (PKCS#11 2.40 mechanisms, 2.1.21), which SoftHSM 2.6.1 lacks, and newer ones do with SHA-1
// whatever they are asked for.
//
// SoftHSM makes an AES-256 key that lives for the one call; it wraps the private key under that, and that under the RSA
// key, by the two other mechanisms of this module, with all of SoftHSM's checks. The blobs are joined.

#include "Parts.h"

#include <string.h>

#include <openssl/rsa.h>

// PKCS#11's CK_RSA_AES_KEY_WRAP_PARAMS, which p11-kit's header does not have.
struct rsa_aes_key_wrap_params {
    CK_ULONG aes_key_bits;
    CK_RSA_PKCS_OAEP_PARAMS *oaep_params;
};

static bool is_aes256_oaep_sha256(const CK_MECHANISM *mechanism) {
    const struct rsa_aes_key_wrap_params *params = mechanism->pParameter;
    return params && mechanism->ulParameterLen == sizeof *params && params->aes_key_bits == 256 &&
        is_oaep_sha256(params->oaep_params);
}

static CK_RV generate_ephemeral(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *ephemeral) {
    CK_MECHANISM key_generation = {CKM_AES_KEY_GEN, NULL, 0};
    CK_ULONG length = 32;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE template[] = {
        {CKA_VALUE_LEN, &length, sizeof length}, {CKA_TOKEN, &no, sizeof no},
        {CKA_PRIVATE, &yes, sizeof yes},         {CKA_SENSITIVE, &yes, sizeof yes},
        {CKA_EXTRACTABLE, &yes, sizeof yes},     {CKA_WRAP, &yes, sizeof yes},
        {CKA_UNWRAP, &no, sizeof no},            {CKA_ENCRYPT, &no, sizeof no},
        {CKA_DECRYPT, &no, sizeof no},           {CKA_SIGN, &no, sizeof no},
        {CKA_VERIFY, &no, sizeof no},            {CKA_DERIVE, &no, sizeof no},
    };
    return softhsm->C_GenerateKey(session, &key_generation, template, sizeof template / sizeof *template, ephemeral);
}

static bool is_private_key(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) {
    CK_OBJECT_CLASS class = 0;
    CK_ATTRIBUTE what = {CKA_CLASS, &class, sizeof class};
    return softhsm->C_GetAttributeValue(session, key, &what, 1) == CKR_OK && class == CKO_PRIVATE_KEY;
}

// The ephemeral key's blob waits here until there is room for both, so that nothing of a wrap that fails is given out.
static CK_RV wrap_both(CK_SESSION_HANDLE session, CK_MECHANISM *oaep, CK_OBJECT_HANDLE wrapping_key,
                       CK_OBJECT_HANDLE ephemeral, CK_OBJECT_HANDLE key, unsigned char *wrapped,
                       CK_ULONG *wrapped_length) {
    unsigned char first[OPENSSL_RSA_MAX_MODULUS_BITS / 8];
    CK_ULONG first_length = sizeof first, second_length = 0;
    CK_MECHANISM key_wrap_pad = {CKM_AES_KEY_WRAP_PAD, NULL, 0};
    CK_RV result = wrap_key_pad(session, &key_wrap_pad, ephemeral, key, NULL, &second_length);
    if (result != CKR_OK) return result;
    if (!is_private_key(session, key)) return CKR_KEY_NOT_WRAPPABLE;
    result = wrap_oaep(session, oaep, wrapping_key, ephemeral, first, &first_length);
    if (result != CKR_OK) return result;

    const CK_ULONG capacity = *wrapped_length;
    *wrapped_length = first_length + second_length;
    if (!wrapped) return CKR_OK;
    if (capacity < *wrapped_length) return CKR_BUFFER_TOO_SMALL;
    result = wrap_key_pad(session, &key_wrap_pad, ephemeral, key, wrapped + first_length, &second_length);
    if (result != CKR_OK || first_length + second_length != *wrapped_length)
        return withhold(wrapped, capacity, wrapped_length);
    memcpy(wrapped, first, first_length);
    return CKR_OK;
}

CK_RV wrap_rsa_aes(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key,
                   CK_OBJECT_HANDLE key, unsigned char *wrapped, CK_ULONG *wrapped_length) {
    if (!wrapped_length) return CKR_ARGUMENTS_BAD;
    if (!is_aes256_oaep_sha256(mechanism)) return CKR_MECHANISM_PARAM_INVALID;
    const struct rsa_aes_key_wrap_params *params = mechanism->pParameter;
    CK_MECHANISM oaep = {CKM_RSA_PKCS_OAEP, params->oaep_params, sizeof *params->oaep_params};

    const CK_ULONG capacity = *wrapped_length;
    CK_SESSION_HANDLE beside;
    CK_OBJECT_HANDLE ephemeral;
    CK_RV result = open_beside(session, &beside);
    if (result != CKR_OK) return result;
    result = generate_ephemeral(beside, &ephemeral);
    if (result == CKR_OK)
        result = wrap_both(session, &oaep, wrapping_key, ephemeral, key, wrapped, wrapped_length);
    // Closing destroys the ephemeral key. While that lives, the blob could be opened by others: it must not leave.
    if (softhsm->C_CloseSession(beside) != CKR_OK && result == CKR_OK && wrapped)
        return withhold(wrapped, capacity, wrapped_length);
    return result;
}
