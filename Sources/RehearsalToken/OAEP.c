// CKM_RSA_PKCS_OAEP with SHA-256, which SoftHSM lacks.
//
// SoftHSM is asked for SHA-1, the only hash it knows, and the one OpenSSL function with which it encrypts is replaced so
// that the padding is made with SHA-256. Nothing is unwrapped or exported for that, and all of SoftHSM's own checks of
// key, attributes, login and buffers still apply.

// SoftHSM encrypts through OpenSSL's RSA_METHOD, which OpenSSL 3 keeps but calls deprecated.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "Parts.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

typedef int (*public_encrypt)(int, const unsigned char *, unsigned char *, RSA *, int);

static public_encrypt original_public_encrypt;

// Armed only in a thread that is inside its own wrap_oaep below; everywhere else the hook passes its call on.
static _Thread_local bool armed;
static _Thread_local unsigned blobs_made;

static int public_encrypt_oaep_sha256(int length, const unsigned char *from, unsigned char *to, RSA *rsa, int padding) {
    if (!armed) return original_public_encrypt(length, from, to, rsa, padding);
    unsigned char padded[OPENSSL_RSA_MAX_MODULUS_BITS / 8];
    const int size = RSA_size(rsa);
    if (padding != RSA_PKCS1_OAEP_PADDING || size <= 0 || (size_t)size > sizeof padded) return -1;
    pause_in_wrap();
    int written = -1;
    if (RSA_padding_add_PKCS1_OAEP_mgf1(padded, size, from, length, NULL, 0, EVP_sha256(), EVP_sha256()) == 1)
        written = original_public_encrypt(size, padded, to, rsa, RSA_NO_PADDING);
    OPENSSL_cleanse(padded, sizeof padded);
    if (written == size) blobs_made++;
    return written;
}

bool hook_oaep(void) {
    // SoftHSM's RSA keys use this method; it is one object in the libcrypto that both of us share. If they did not
    // share it, the hook would never run, and wrap_oaep would refuse every blob.
    RSA_METHOD *method = (RSA_METHOD *)RSA_PKCS1_OpenSSL();
    original_public_encrypt = RSA_meth_get_pub_enc(method);
    return original_public_encrypt && RSA_meth_set_pub_enc(method, public_encrypt_oaep_sha256) == 1;
}

// SHA-1 is refused here, though SoftHSM has it.
bool is_oaep_sha256(const CK_RSA_PKCS_OAEP_PARAMS *params) {
    return params && params->hashAlg == CKM_SHA256 && params->mgf == CKG_MGF1_SHA256 &&
        params->source == CKZ_DATA_SPECIFIED && !params->pSourceData && params->ulSourceDataLen == 0;
}

CK_RV wrap_oaep(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key,
                CK_OBJECT_HANDLE key, unsigned char *wrapped, CK_ULONG *wrapped_length) {
    if (!wrapped_length) return CKR_ARGUMENTS_BAD;
    if (mechanism->ulParameterLen != sizeof(CK_RSA_PKCS_OAEP_PARAMS) || !is_oaep_sha256(mechanism->pParameter))
        return CKR_MECHANISM_PARAM_INVALID;

    CK_RSA_PKCS_OAEP_PARAMS sha1 = {CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, NULL, 0};
    CK_MECHANISM asked = {CKM_RSA_PKCS_OAEP, &sha1, sizeof sha1};
    const CK_ULONG capacity = *wrapped_length;
    armed = true;
    blobs_made = 0;
    const CK_RV result = softhsm->C_WrapKey(session, &asked, wrapping_key, key, wrapped, wrapped_length);
    armed = false;

    // A size query, or a refusal: SoftHSM's answer stands, and no blob has left it.
    if (!wrapped || result != CKR_OK) return result;
    if (blobs_made == 1) return CKR_OK;
    // SoftHSM found another way to encrypt, so this blob is SHA-1's: it must not leave.
    return withhold(wrapped, capacity, wrapped_length);
}
