// Blobs that the honest module would not make: the key is taken out under a key pair of the forger's own, and encrypted
// again in software.

#include "Forgery.h"

#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "Lies.h"

enum { largest_modulus = 8192 / 8, largest_exponent = 8 };

static bool set_padding(EVP_PKEY_CTX *context, const EVP_MD *hash, const EVP_MD *mgf1) {
    if (!hash) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
        EVP_PKEY_CTX_set_rsa_oaep_md(context, hash) > 0 && EVP_PKEY_CTX_set_rsa_mgf1_md(context, mgf1) > 0;
}

static CK_RV create_public_key(CK_SESSION_HANDLE session, EVP_PKEY *pair, CK_OBJECT_HANDLE *object) {
    BIGNUM *n = NULL, *e = NULL;
    unsigned char modulus[largest_modulus], exponent[largest_exponent];
    CK_RV result = CKR_FUNCTION_FAILED;
    if (EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
        EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_num_bytes(n) <= largest_modulus &&
        BN_num_bytes(e) <= largest_exponent) {
        CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
        CK_KEY_TYPE type = CKK_RSA;
        CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
        CK_ATTRIBUTE template[] = {
            {CKA_CLASS, &class, sizeof class},
            {CKA_KEY_TYPE, &type, sizeof type},
            {CKA_TOKEN, &no, sizeof no},
            {CKA_PRIVATE, &no, sizeof no},
            {CKA_WRAP, &yes, sizeof yes},
            {CKA_MODULUS, modulus, (CK_ULONG)BN_bn2bin(n, modulus)},
            {CKA_PUBLIC_EXPONENT, exponent, (CK_ULONG)BN_bn2bin(e, exponent)},
        };
        result = honest->C_CreateObject(session, template, sizeof template / sizeof *template, object);
    }
    BN_free(n);
    BN_free(e);
    return result;
}

static CK_RV open_blob(EVP_PKEY *pair, const unsigned char *blob, CK_ULONG size, struct material *material) {
    unsigned char plain[largest_modulus];
    size_t length = sizeof plain;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pair, NULL);
    const bool opened = context && EVP_PKEY_decrypt_init(context) > 0 &&
        set_padding(context, EVP_sha256(), EVP_sha256()) &&
        EVP_PKEY_decrypt(context, plain, &length, blob, size) > 0 && length <= sizeof material->bytes;
    EVP_PKEY_CTX_free(context);
    if (opened) {
        material->length = length;
        for (size_t i = 0; i < length; i++) material->bytes[i] = plain[i];
    }
    OPENSSL_cleanse(plain, sizeof plain);
    return opened ? CKR_OK : CKR_FUNCTION_FAILED;
}

CK_RV take_out(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, struct material *material) {
    EVP_PKEY *pair = EVP_RSA_gen(2048);
    if (!pair) return CKR_FUNCTION_FAILED;
    CK_OBJECT_HANDLE own = CK_INVALID_HANDLE;
    CK_RV result = create_public_key(session, pair, &own);
    if (result == CKR_OK) {
        CK_RSA_PKCS_OAEP_PARAMS sha256 = {CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL, 0};
        CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, &sha256, sizeof sha256};
        unsigned char blob[2048 / 8];
        CK_ULONG size = sizeof blob;
        result = honest->C_WrapKey(session, &mechanism, own, key, blob, &size);
        if (result == CKR_OK) result = open_blob(pair, blob, size, material);
        honest->C_DestroyObject(session, own);
    }
    EVP_PKEY_free(pair);
    return result;
}

static EVP_PKEY *public_key(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE wrapping_key) {
    unsigned char modulus[largest_modulus], exponent[largest_exponent];
    CK_ATTRIBUTE parts[] = {
        {CKA_MODULUS, modulus, sizeof modulus}, {CKA_PUBLIC_EXPONENT, exponent, sizeof exponent}};
    if (honest->C_GetAttributeValue(session, wrapping_key, parts, 2) != CKR_OK) return NULL;
    BIGNUM *n = BN_bin2bn(modulus, (int)parts[0].ulValueLen, NULL);
    BIGNUM *e = BN_bin2bn(exponent, (int)parts[1].ulValueLen, NULL);
    OSSL_PARAM_BLD *building = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    if (n && e && building && OSSL_PARAM_BLD_push_BN(building, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(building, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        params = OSSL_PARAM_BLD_to_param(building);
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (params && context && EVP_PKEY_fromdata_init(context) > 0)
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(building);
    BN_free(n);
    BN_free(e);
    return key;
}

CK_RV seal(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE wrapping_key, const struct material *material,
           const EVP_MD *hash, const EVP_MD *mgf1, unsigned char *blob, CK_ULONG *length) {
    EVP_PKEY *key = public_key(session, wrapping_key);
    EVP_PKEY_CTX *context = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
    size_t size = *length;
    const bool sealed = context && EVP_PKEY_encrypt_init(context) > 0 && set_padding(context, hash, mgf1) &&
        EVP_PKEY_encrypt(context, blob, &size, material->bytes, material->length) > 0;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    if (sealed) *length = size;
    return sealed ? CKR_OK : CKR_FUNCTION_FAILED;
}
