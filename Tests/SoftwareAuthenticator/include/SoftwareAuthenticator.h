#ifndef SOFTWARE_AUTHENTICATOR_H
#define SOFTWARE_AUTHENTICATOR_H

// OpenSSH's interface to FIDO2 authenticators, version 10 (PROTOCOL.u2f, "FIDO/U2F middleware"; OpenSSH 8.9 and later).

#include <stddef.h>
#include <stdint.h>

#define SK_API_VERSION 0x000a0000

#define SK_ECDSA 0x00
#define SK_ED25519 0x01

#define SK_ERR_GENERAL -1
#define SK_ERR_UNSUPPORTED -2

struct sk_option;

struct sk_enroll_response {
    uint8_t flags;
    uint8_t *public_key;
    size_t public_key_len;
    uint8_t *key_handle;
    size_t key_handle_len;
    uint8_t *signature;
    size_t signature_len;
    uint8_t *attestation_cert;
    size_t attestation_cert_len;
    uint8_t *authdata;
    size_t authdata_len;
};

struct sk_sign_response {
    uint8_t flags;
    uint32_t counter;
    uint8_t *sig_r;
    size_t sig_r_len;
    uint8_t *sig_s;
    size_t sig_s_len;
};

struct sk_resident_key;

uint32_t sk_api_version(void);
int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len, const char *application, uint8_t flags,
              const char *pin, struct sk_option **options, struct sk_enroll_response **response);
int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len, const char *application, const uint8_t *key_handle,
            size_t key_handle_len, uint8_t flags, const char *pin, struct sk_option **options,
            struct sk_sign_response **response);
int sk_load_resident_keys(const char *pin, struct sk_option **options, struct sk_resident_key ***keys, size_t *count);

#endif
