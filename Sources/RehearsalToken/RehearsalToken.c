// SoftHSM 2 with what a rehearsal needs and SoftHSM lacks: RSA-OAEP with SHA-256 in C_WrapKey.
//
// Every call goes to SoftHSM. When it wraps under OAEP, SoftHSM is asked for SHA-1, the only hash it knows, and the one
// OpenSSL function with which it encrypts is replaced so that the padding is made with SHA-256. Nothing is unwrapped or
// exported for that, and all of SoftHSM's own checks of key, attributes, login and buffers still apply.
//
// The token's model reads REHEARSAL-ONLY, so that a live ceremony refuses it.

#define _GNU_SOURCE
// SoftHSM encrypts through OpenSSL's RSA_METHOD, which OpenSSL 3 keeps but calls deprecated.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "RehearsalToken.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <p11-kit/pkcs11.h>

typedef int (*public_encrypt)(int, const unsigned char *, unsigned char *, RSA *, int);

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static CK_RV load_result = CKR_GENERAL_ERROR;
static CK_FUNCTION_LIST *softhsm;
static CK_FUNCTION_LIST functions;
static public_encrypt original_public_encrypt;

// Armed only in a thread that is inside its own C_WrapKey below; everywhere else the hook passes its call on.
static _Thread_local bool armed;
static _Thread_local unsigned blobs_made;

static int public_encrypt_oaep_sha256(int length, const unsigned char *from, unsigned char *to, RSA *rsa, int padding) {
    if (!armed) return original_public_encrypt(length, from, to, rsa, padding);
    unsigned char padded[OPENSSL_RSA_MAX_MODULUS_BITS / 8];
    const int size = RSA_size(rsa);
    if (padding != RSA_PKCS1_OAEP_PADDING || size <= 0 || (size_t)size > sizeof padded) return -1;
    // A test of memory stops the process here, the one place where the plaintext is known to be in it.
    if (secure_getenv("KEYRITE_REHEARSAL_PAUSE_IN_WRAP")) raise(SIGSTOP);
    int written = -1;
    if (RSA_padding_add_PKCS1_OAEP_mgf1(padded, size, from, length, NULL, 0, EVP_sha256(), EVP_sha256()) == 1)
        written = original_public_encrypt(size, padded, to, rsa, RSA_NO_PADDING);
    OPENSSL_cleanse(padded, sizeof padded);
    if (written == size) blobs_made++;
    return written;
}

// The one form a ceremony may ask for: SHA-256 throughout, no label. SHA-1 is refused here, though SoftHSM has it.
static bool is_oaep_sha256(const CK_MECHANISM *mechanism) {
    const CK_RSA_PKCS_OAEP_PARAMS *params = mechanism->pParameter;
    return params && mechanism->ulParameterLen == sizeof *params && params->hashAlg == CKM_SHA256 &&
        params->mgf == CKG_MGF1_SHA256 && params->source == CKZ_DATA_SPECIFIED && !params->pSourceData &&
        params->ulSourceDataLen == 0;
}

static CK_RV wrap_key(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key,
                      CK_OBJECT_HANDLE key, unsigned char *wrapped, CK_ULONG *wrapped_length) {
    if (!mechanism || mechanism->mechanism != CKM_RSA_PKCS_OAEP)
        return softhsm->C_WrapKey(session, mechanism, wrapping_key, key, wrapped, wrapped_length);
    if (!wrapped_length) return CKR_ARGUMENTS_BAD;
    if (!is_oaep_sha256(mechanism)) return CKR_MECHANISM_PARAM_INVALID;

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
    OPENSSL_cleanse(wrapped, capacity);
    *wrapped_length = 0;
    return CKR_FUNCTION_FAILED;
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    const CK_RV result = softhsm->C_GetTokenInfo(slot, info);
    if (result == CKR_OK) memcpy(info->model, "REHEARSAL-ONLY  ", sizeof info->model);
    return result;
}

static void *open_softhsm(void) {
    static const char *const places[] = {
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    };
    const char *chosen = secure_getenv("KEYRITE_REHEARSAL_SOFTHSM");
    if (chosen) return dlopen(chosen, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        void *library = dlopen(places[i], RTLD_NOW | RTLD_LOCAL);
        if (library) return library;
    }
    return NULL;
}

// OpenSSL keeps a pointer into this module from now on: the host may close it, but it must stay mapped.
static bool stay_loaded(void) {
    Dl_info self;
    return dladdr(&load_once, &self) && dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

static void load(void) {
    void *library = open_softhsm();
    CK_C_GetFunctionList get_list = NULL;
    if (library) *(void **)&get_list = dlsym(library, "C_GetFunctionList");
    if (!get_list || get_list(&softhsm) != CKR_OK || !softhsm) return;
    // The list of another major version has another layout.
    if (softhsm->version.major != 2 || !softhsm->C_WrapKey || !softhsm->C_GetTokenInfo || !stay_loaded()) return;

    // SoftHSM's RSA keys use this method; it is one object in the libcrypto that both of us share. If they did not
    // share it, the hook would never run, and wrap_key would refuse every blob.
    RSA_METHOD *method = (RSA_METHOD *)RSA_PKCS1_OpenSSL();
    original_public_encrypt = RSA_meth_get_pub_enc(method);
    if (!original_public_encrypt || RSA_meth_set_pub_enc(method, public_encrypt_oaep_sha256) != 1) return;

    functions = *softhsm;
    functions.C_GetFunctionList = C_GetFunctionList;
    functions.C_GetTokenInfo = get_token_info;
    functions.C_WrapKey = wrap_key;
    load_result = CKR_OK;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
    if (!list) return CKR_ARGUMENTS_BAD;
    if (pthread_once(&load_once, load) != 0) return CKR_GENERAL_ERROR;
    if (load_result == CKR_OK) *list = &functions;
    return load_result;
}
