// CKM_AES_KEY_WRAP_PAD (RFC 5649) as the standard has it.
//
// SoftHSM 2.6.1 fills a key up with zeros to a multiple of eight bytes *before* RFC 5649 pads and notes the length, so
// that whoever unwraps it finds zeros behind it, which a strict reader of PKCS#8 refuses. Here SoftHSM wraps first: what it
// says of key, wrapping key, login and buffer stands, and its blob is wiped. Then it wraps the key once more, under a
// key that this module made for the one call and opens with, and the zeros are cut off. What is left is wrapped by
// OpenSSL's RFC 5649, each block of it encrypted by SoftHSM under a copy of the caller's wrapping key: that one never
// leaves SoftHSM. The key's plaintext lies in this module's memory for the moment.
//
// A wrapping key that may not be copied or changed (CKA_COPYABLE, CKA_MODIFIABLE) wraps nothing here, since a copy that
// encrypts cannot be made; and a key that wants a trusted wrapping key is refused, since none made here is trusted.

#include "Parts.h"

#include <string.h>

#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/modes.h>
#include <openssl/rand.h>

// The bytes of RFC 5649's half blocks, and of an AES block.
enum { half_block = 8, block = 16, transport_key = 32 };

// A session object that may wrap and do nothing else, of a value that is known here.
static bool create_transport_key(CK_SESSION_HANDLE session, unsigned char *value, CK_OBJECT_HANDLE *made) {
    CK_OBJECT_CLASS secret_key = CKO_SECRET_KEY;
    CK_KEY_TYPE aes = CKK_AES;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &secret_key, sizeof secret_key}, {CKA_KEY_TYPE, &aes, sizeof aes},
        {CKA_VALUE, value, transport_key},           {CKA_TOKEN, &no, sizeof no},
        {CKA_PRIVATE, &yes, sizeof yes},             {CKA_SENSITIVE, &yes, sizeof yes},
        {CKA_EXTRACTABLE, &no, sizeof no},           {CKA_WRAP, &yes, sizeof yes},
        {CKA_UNWRAP, &no, sizeof no},                {CKA_ENCRYPT, &no, sizeof no},
        {CKA_DECRYPT, &no, sizeof no},               {CKA_SIGN, &no, sizeof no},
        {CKA_VERIFY, &no, sizeof no},                {CKA_DERIVE, &no, sizeof no},
    };
    return softhsm->C_CreateObject(session, template, sizeof template / sizeof *template, made) == CKR_OK;
}

// RFC 5649's opening, in software.
static bool unwrap(unsigned char *value, const unsigned char *blob, CK_ULONG length, unsigned char *plain, int *opened) {
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (!context) return false;
    EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    const bool done = EVP_DecryptInit_ex(context, EVP_aes_256_wrap_pad(), NULL, value, NULL) == 1 &&
        EVP_DecryptUpdate(context, plain, opened, blob, (int)length) == 1;
    EVP_CIPHER_CTX_free(context);
    return done && *opened > 0;
}

// How many bytes the key itself has, of those that SoftHSM wrapped: its DER says so for a private key, and SoftHSM for a
// secret one, unless it is of a type with one length, a multiple of eight.
static bool own_length(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, const unsigned char *plain, CK_ULONG filled,
                       CK_ULONG *length) {
    CK_OBJECT_CLASS class = 0;
    CK_ATTRIBUTE what = {CKA_CLASS, &class, sizeof class};
    if (softhsm->C_GetAttributeValue(session, key, &what, 1) != CKR_OK) return false;
    if (class == CKO_PRIVATE_KEY) {
        const unsigned char *content = plain;
        long size = 0;
        int tag = 0, tag_class = 0;
        const int form = ASN1_get_object(&content, &size, &tag, &tag_class, (long)filled);
        *length = (CK_ULONG)(content - plain) + (CK_ULONG)size;
        return form == V_ASN1_CONSTRUCTED && tag == V_ASN1_SEQUENCE && tag_class == V_ASN1_UNIVERSAL;
    }
    CK_ATTRIBUTE size = {CKA_VALUE_LEN, length, sizeof *length};
    const CK_RV result = softhsm->C_GetAttributeValue(session, key, &size, 1);
    if (result == CKR_ATTRIBUTE_TYPE_INVALID) *length = filled;
    return class == CKO_SECRET_KEY && (result == CKR_OK || result == CKR_ATTRIBUTE_TYPE_INVALID);
}

// Nothing but the zeros that fill a half block was cut off.
static bool is_filling(const unsigned char *bytes, CK_ULONG count) {
    static const unsigned char zeros[half_block];
    return count < half_block && memcmp(bytes, zeros, count) == 0;
}

// The key's own bytes. There is room for `size` of them, and for a blob.
static bool take_out(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, unsigned char *blob, unsigned char *plain,
                     CK_ULONG size, CK_ULONG *length) {
    unsigned char value[transport_key];
    CK_OBJECT_HANDLE transport;
    CK_MECHANISM key_wrap_pad = {CKM_AES_KEY_WRAP_PAD, NULL, 0};
    int filled = 0;
    const bool done = RAND_priv_bytes(value, sizeof value) == 1 && create_transport_key(session, value, &transport) &&
        softhsm->C_WrapKey(session, &key_wrap_pad, transport, key, blob, &size) == CKR_OK &&
        unwrap(value, blob, size, plain, &filled) && own_length(session, key, plain, (CK_ULONG)filled, length) &&
        *length <= (CK_ULONG)filled && is_filling(plain + *length, (CK_ULONG)filled - *length);
    OPENSSL_cleanse(value, sizeof value);
    return done;
}

// A session that encrypts, and whether it always did.
struct encryption {
    CK_SESSION_HANDLE session;
    bool failed;
};

static bool start_encryption(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE wrapping_key) {
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE changes[] = {
        {CKA_TOKEN, &no, sizeof no}, {CKA_ENCRYPT, &yes, sizeof yes}, {CKA_WRAP, &no, sizeof no}};
    CK_MECHANISM ecb = {CKM_AES_ECB, NULL, 0};
    CK_OBJECT_HANDLE copy;
    return softhsm->C_CopyObject(session, wrapping_key, changes, sizeof changes / sizeof *changes, &copy) == CKR_OK &&
        softhsm->C_EncryptInit(session, &ecb, copy) == CKR_OK;
}

static void encrypt_block(const unsigned char in[block], unsigned char out[block], const void *key) {
    struct encryption *encryption = (struct encryption *)key;
    unsigned char copy[block];
    CK_ULONG length = block;
    memcpy(copy, in, block);
    if (softhsm->C_EncryptUpdate(encryption->session, copy, block, out, &length) != CKR_OK || length != block)
        encryption->failed = true;
    OPENSSL_cleanse(copy, sizeof copy);
}

// All of it in a session of its own, and in buffers that are wiped: OpenSSL works with the plaintext in both of them.
static bool wrap_own_bytes(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE wrapping_key, CK_OBJECT_HANDLE key,
                           unsigned char *wrapped, CK_ULONG wrapped_length) {
    const CK_ULONG size = wrapped_length + block;
    unsigned char *plain = OPENSSL_zalloc(size), *blob = OPENSSL_zalloc(size);
    CK_ULONG length = 0;
    struct encryption encryption = {session, false};
    bool done = plain && blob && take_out(session, key, blob, plain, wrapped_length, &length);
    if (done) pause_in_wrap();
    done = done && start_encryption(session, wrapping_key) &&
        CRYPTO_128_wrap_pad(&encryption, NULL, blob, plain, length, encrypt_block) == wrapped_length &&
        !encryption.failed;
    if (done) memcpy(wrapped, blob, wrapped_length);
    OPENSSL_clear_free(plain, size);
    OPENSSL_clear_free(blob, size);
    return done;
}

CK_RV wrap_key_pad(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key,
                   CK_OBJECT_HANDLE key, unsigned char *wrapped, CK_ULONG *wrapped_length) {
    if (!wrapped_length) return CKR_ARGUMENTS_BAD;
    const CK_ULONG capacity = *wrapped_length;
    const CK_RV result = softhsm->C_WrapKey(session, mechanism, wrapping_key, key, wrapped, wrapped_length);
    // A size query, or a refusal: SoftHSM's answer stands. The fault changes no size: RFC 5649 fills up all the same.
    if (!wrapped || result != CKR_OK) return result;
    OPENSSL_cleanse(wrapped, *wrapped_length);

    CK_SESSION_HANDLE beside;
    bool done = open_beside(session, &beside) == CKR_OK;
    if (done) {
        done = wrap_own_bytes(beside, wrapping_key, key, wrapped, *wrapped_length);
        done = softhsm->C_CloseSession(beside) == CKR_OK && done;
    }
    return done ? CKR_OK : withhold(wrapped, capacity, wrapped_length);
}
