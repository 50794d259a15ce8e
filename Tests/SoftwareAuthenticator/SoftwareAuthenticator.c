// A FIDO2 authenticator without a device, for tests alone: ssh-keygen loads it where SSH_SK_PROVIDER or -w names it.
//
// It protects nothing: the key handle, which OpenSSH keeps in the private key's file, is the private key itself. It sees
// its user present, and verified where OpenSSH asks for that. KEYRITE_AUTHENTICATOR_FLAGS, two hex digits, replaces the
// flags that it signs. A file beside the library, its name with .code behind it, has the number with which it fails to sign.

// For dladdr.
#define _GNU_SOURCE

// OpenSSL 3 calls the plain functions for one curve deprecated.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "SoftwareAuthenticator.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>

enum { SCALAR = 32, POINT = 65, RAW = 64, SIGNED = SHA256_DIGEST_LENGTH + 1 + 4 + SHA256_DIGEST_LENGTH };

uint32_t sk_api_version(void) { return SK_API_VERSION; }

static uint8_t *copy(const void *bytes, size_t count) {
    uint8_t *made = malloc(count);
    if (made) memcpy(made, bytes, count);
    return made;
}

// The key pair of a scalar: its public point is computed anew.
static EC_KEY *p256(const uint8_t secret[SCALAR]) {
    EC_KEY *key = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
    BIGNUM *number = BN_bin2bn(secret, SCALAR, NULL);
    EC_POINT *point = key ? EC_POINT_new(EC_KEY_get0_group(key)) : NULL;
    const int made = point && number && EC_POINT_mul(EC_KEY_get0_group(key), point, number, NULL, NULL, NULL) == 1
                     && EC_KEY_set_private_key(key, number) == 1 && EC_KEY_set_public_key(key, point) == 1;
    EC_POINT_free(point);
    BN_free(number);
    if (made) return key;
    EC_KEY_free(key);
    return NULL;
}

static size_t make_p256(uint8_t secret[SCALAR], uint8_t public[POINT]) {
    EC_KEY *key = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
    const int made = key && EC_KEY_generate_key(key) == 1
                     && BN_bn2binpad(EC_KEY_get0_private_key(key), secret, SCALAR) == SCALAR
                     && EC_POINT_point2oct(EC_KEY_get0_group(key), EC_KEY_get0_public_key(key),
                                           POINT_CONVERSION_UNCOMPRESSED, public, POINT, NULL) == POINT;
    EC_KEY_free(key);
    return made ? POINT : 0;
}

static size_t make_ed25519(uint8_t secret[SCALAR], uint8_t public[POINT]) {
    size_t secret_length = SCALAR, public_length = SCALAR;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    const int made = key && EVP_PKEY_get_raw_private_key(key, secret, &secret_length) == 1
                     && EVP_PKEY_get_raw_public_key(key, public, &public_length) == 1;
    EVP_PKEY_free(key);
    return made ? public_length : 0;
}

int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len, const char *application, uint8_t flags,
              const char *pin, struct sk_option **options, struct sk_enroll_response **response) {
    (void)challenge, (void)challenge_len, (void)application, (void)pin, (void)options;
    if (alg != SK_ECDSA && alg != SK_ED25519) return SK_ERR_UNSUPPORTED;
    uint8_t secret[SCALAR], public[POINT];
    const size_t length = alg == SK_ECDSA ? make_p256(secret, public) : make_ed25519(secret, public);
    struct sk_enroll_response *made = calloc(1, sizeof *made);
    if (length == 0 || !made) {
        free(made);
        return SK_ERR_GENERAL;
    }
    made->flags = flags;
    made->public_key = copy(public, length);
    made->public_key_len = length;
    made->key_handle = copy(secret, SCALAR);
    made->key_handle_len = SCALAR;
    // An attestation that attests nothing; OpenSSH wants one to be there.
    made->signature = copy("none", 4);
    made->signature_len = 4;
    *response = made;
    return made->public_key && made->key_handle && made->signature ? 0 : SK_ERR_GENERAL;
}

static int sign_p256(const uint8_t secret[SCALAR], const uint8_t message[SIGNED], uint8_t raw[RAW]) {
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256(message, SIGNED, digest);
    EC_KEY *key = p256(secret);
    ECDSA_SIG *signature = key ? ECDSA_do_sign(digest, sizeof digest, key) : NULL;
    const int made = signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, SCALAR) == SCALAR
                     && BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + SCALAR, SCALAR) == SCALAR;
    ECDSA_SIG_free(signature);
    EC_KEY_free(key);
    return made;
}

static int sign_ed25519(const uint8_t secret[SCALAR], const uint8_t message[SIGNED], uint8_t raw[RAW]) {
    size_t length = RAW;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, SCALAR);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const int made = key && context && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1
                     && EVP_DigestSign(context, raw, &length, message, SIGNED) == 1 && length == RAW;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return made;
}

static uint8_t signed_flags(uint8_t asked) {
    const char *replaced = getenv("KEYRITE_AUTHENTICATOR_FLAGS");
    return replaced ? (uint8_t)strtoul(replaced, NULL, 16) : asked & 0x05;
}

static int failure(void) {
    char path[4096];
    Dl_info library;
    int code = 0;
    if (!dladdr((const void *)(uintptr_t)sk_api_version, &library)) return 0;
    snprintf(path, sizeof path, "%s.code", library.dli_fname);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    if (fscanf(file, "%d", &code) != 1) code = SK_ERR_GENERAL;
    fclose(file);
    return code;
}

int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len, const char *application, const uint8_t *key_handle,
            size_t key_handle_len, uint8_t flags, const char *pin, struct sk_option **options,
            struct sk_sign_response **response) {
    (void)pin, (void)options;
    if (alg != SK_ECDSA && alg != SK_ED25519) return SK_ERR_UNSUPPORTED;
    if (key_handle_len != SCALAR) return SK_ERR_GENERAL;
    const int failed = failure();
    if (failed) return failed;
    const uint32_t counter = 7;
    uint8_t message[SIGNED], raw[RAW];
    SHA256((const uint8_t *)application, strlen(application), message);
    message[32] = signed_flags(flags);
    for (int i = 0; i < 4; i++) message[33 + i] = (uint8_t)(counter >> (24 - 8 * i));
    SHA256(data, data_len, message + 37);
    if (!(alg == SK_ECDSA ? sign_p256(key_handle, message, raw) : sign_ed25519(key_handle, message, raw))) {
        return SK_ERR_GENERAL;
    }
    struct sk_sign_response *made = calloc(1, sizeof *made);
    if (!made) return SK_ERR_GENERAL;
    made->flags = message[32];
    made->counter = counter;
    made->sig_r_len = alg == SK_ECDSA ? SCALAR : RAW;
    made->sig_r = copy(raw, made->sig_r_len);
    if (alg == SK_ECDSA) {
        made->sig_s_len = SCALAR;
        made->sig_s = copy(raw + SCALAR, SCALAR);
    }
    *response = made;
    return 0;
}

int sk_load_resident_keys(const char *pin, struct sk_option **options, struct sk_resident_key ***keys, size_t *count) {
    (void)pin, (void)options, (void)keys, (void)count;
    return SK_ERR_UNSUPPORTED;
}
