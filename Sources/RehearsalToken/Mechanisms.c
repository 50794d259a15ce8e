// The mechanisms that the token has: SoftHSM's and those that this module adds, less those that it is told to be without.
//
// KEYRITE_REHEARSAL_WITHOUT names the missing ones by number (0x1054,0x210a), so that a token that lacks them can be
// rehearsed: they are not listed, and whoever asks for one all the same is refused, as by a token that has never had it.

#define _GNU_SOURCE
#include "Parts.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static CK_MECHANISM_TYPE missing[64];
static size_t missing_count;

// A text that names nothing must not be taken for one that leaves nothing out: false stops the module from loading.
bool read_missing_mechanisms(void) {
    const char *text = secure_getenv("KEYRITE_REHEARSAL_WITHOUT");
    if (!text || !*text) return true;
    while (missing_count < sizeof missing / sizeof *missing) {
        if (strncmp(text, "0x", 2) != 0 || !isxdigit((unsigned char)text[2])) return false;
        char *end = NULL;
        errno = 0;
        missing[missing_count++] = strtoul(text, &end, 16);
        if (errno != 0) return false;
        if (*end == '\0') return true;
        if (*end != ',') return false;
        text = end + 1;
    }
    return false;
}

static bool is_type_missing(CK_MECHANISM_TYPE type) {
    for (size_t i = 0; i < missing_count; i++)
        if (missing[i] == type) return true;
    return false;
}

bool is_missing(const CK_MECHANISM *mechanism) { return mechanism && is_type_missing(mechanism->mechanism); }

static CK_RV get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count) {
    if (!count) return CKR_ARGUMENTS_BAD;
    CK_MECHANISM_TYPE all[512];
    CK_ULONG all_count = sizeof all / sizeof *all - 1, shown = 0;
    const CK_RV result = softhsm->C_GetMechanismList(slot, all, &all_count);
    if (result == CKR_BUFFER_TOO_SMALL) return CKR_GENERAL_ERROR;
    if (result != CKR_OK) return result;
    bool adds = true;
    for (CK_ULONG i = 0; i < all_count; i++) adds = adds && all[i] != CKM_RSA_AES_KEY_WRAP;
    if (adds) all[all_count++] = CKM_RSA_AES_KEY_WRAP;
    for (CK_ULONG i = 0; i < all_count; i++)
        if (!is_type_missing(all[i])) all[shown++] = all[i];

    const CK_ULONG capacity = *count;
    *count = shown;
    if (!list) return CKR_OK;
    if (capacity < shown) return CKR_BUFFER_TOO_SMALL;
    memcpy(list, all, shown * sizeof *all);
    return CKR_OK;
}

static CK_RV get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info) {
    if (is_type_missing(type)) return CKR_MECHANISM_INVALID;
    if (type != CKM_RSA_AES_KEY_WRAP) return softhsm->C_GetMechanismInfo(slot, type, info);
    // The sizes are those of the RSA key; the smallest has room for an AES-256 key under OAEP with SHA-256.
    const CK_RV result = softhsm->C_GetMechanismInfo(slot, CKM_RSA_PKCS_OAEP, info);
    if (result != CKR_OK) return result;
    info->ulMinKeySize = 8 * (32 + 2 * 32 + 2);
    info->flags = CKF_WRAP;
    return CKR_OK;
}

void list_mechanisms(CK_FUNCTION_LIST *functions) {
    functions->C_GetMechanismList = get_mechanism_list;
    functions->C_GetMechanismInfo = get_mechanism_info;
}

// Every function that is told a mechanism, but C_WrapKey: each passes its call on, unless the mechanism is a missing one.
#define REFUSING(name, parameters, arguments)                                                                          \
    static CK_RV refusing_##name parameters {                                                                          \
        return is_missing(mechanism) ? CKR_MECHANISM_INVALID : softhsm->C_##name arguments;                            \
    }
#define REFUSING_INIT(name)                                                                                            \
    REFUSING(name, (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key), (session, mechanism, key))

REFUSING_INIT(EncryptInit)
REFUSING_INIT(DecryptInit)
REFUSING_INIT(SignInit)
REFUSING_INIT(SignRecoverInit)
REFUSING_INIT(VerifyInit)
REFUSING_INIT(VerifyRecoverInit)
REFUSING(DigestInit, (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism), (session, mechanism))
REFUSING(GenerateKey,
         (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template, CK_ULONG count,
          CK_OBJECT_HANDLE *key),
         (session, mechanism, template, count, key))
REFUSING(GenerateKeyPair,
         (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public_template, CK_ULONG public_count,
          CK_ATTRIBUTE *private_template, CK_ULONG private_count, CK_OBJECT_HANDLE *public_key,
          CK_OBJECT_HANDLE *private_key),
         (session, mechanism, public_template, public_count, private_template, private_count, public_key, private_key))
REFUSING(UnwrapKey,
         (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE unwrapping_key, unsigned char *wrapped,
          CK_ULONG wrapped_length, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *key),
         (session, mechanism, unwrapping_key, wrapped, wrapped_length, template, count, key))
REFUSING(DeriveKey,
         (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base_key, CK_ATTRIBUTE *template,
          CK_ULONG count, CK_OBJECT_HANDLE *key),
         (session, mechanism, base_key, template, count, key))

void refuse_missing_mechanisms(CK_FUNCTION_LIST *functions) {
    functions->C_EncryptInit = refusing_EncryptInit;
    functions->C_DecryptInit = refusing_DecryptInit;
    functions->C_SignInit = refusing_SignInit;
    functions->C_SignRecoverInit = refusing_SignRecoverInit;
    functions->C_VerifyInit = refusing_VerifyInit;
    functions->C_VerifyRecoverInit = refusing_VerifyRecoverInit;
    functions->C_DigestInit = refusing_DigestInit;
    functions->C_GenerateKey = refusing_GenerateKey;
    functions->C_GenerateKeyPair = refusing_GenerateKeyPair;
    functions->C_UnwrapKey = refusing_UnwrapKey;
    functions->C_DeriveKey = refusing_DeriveKey;
}
