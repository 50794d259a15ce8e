// SoftHSM 2 with what a rehearsal needs and SoftHSM lacks: RSA-OAEP with SHA-256, AES key wrap that pads as the standard
// says, and RSA-AES key wrap, all of them in C_WrapKey.
//
// Every other call goes to SoftHSM, and the wraps are made of SoftHSM's own, whose checks of key, attributes, login and
// buffers all still apply: OAEP.c, KeyWrapPad.c and RSAAESKeyWrap.c say how. Mechanisms.c lists what there is, and can
// leave some of it out.
//
// The token's model reads REHEARSAL-ONLY, so that a live ceremony refuses it.

#define _GNU_SOURCE
#include "RehearsalToken.h"

#include "Parts.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static CK_RV load_result = CKR_GENERAL_ERROR;
static CK_FUNCTION_LIST functions;
CK_FUNCTION_LIST *softhsm;

static CK_RV wrap_key(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key,
                      CK_OBJECT_HANDLE key, unsigned char *wrapped, CK_ULONG *wrapped_length) {
    if (is_missing(mechanism)) return CKR_MECHANISM_INVALID;
    wrap *way = softhsm->C_WrapKey;
    if (mechanism && mechanism->mechanism == CKM_RSA_PKCS_OAEP) way = wrap_oaep;
    if (mechanism && mechanism->mechanism == CKM_AES_KEY_WRAP_PAD) way = wrap_key_pad;
    if (mechanism && mechanism->mechanism == CKM_RSA_AES_KEY_WRAP) way = wrap_rsa_aes;
    return way(session, mechanism, wrapping_key, key, wrapped, wrapped_length);
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

// Each function that this module itself calls or stands before.
static bool has_all_functions(const CK_FUNCTION_LIST *list) {
    return list->C_GetTokenInfo && list->C_GetMechanismList && list->C_GetMechanismInfo && list->C_OpenSession &&
        list->C_CloseSession && list->C_GetSessionInfo && list->C_CreateObject && list->C_CopyObject &&
        list->C_GetAttributeValue && list->C_EncryptInit && list->C_EncryptUpdate && list->C_DecryptInit &&
        list->C_DigestInit && list->C_SignInit && list->C_SignRecoverInit && list->C_VerifyInit &&
        list->C_VerifyRecoverInit && list->C_GenerateKey && list->C_GenerateKeyPair && list->C_WrapKey &&
        list->C_UnwrapKey && list->C_DeriveKey;
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
    if (softhsm->version.major != 2 || !has_all_functions(softhsm)) return;
    if (!read_missing_mechanisms() || !stay_loaded() || !hook_oaep()) return;

    functions = *softhsm;
    functions.C_GetFunctionList = C_GetFunctionList;
    functions.C_GetTokenInfo = get_token_info;
    functions.C_WrapKey = wrap_key;
    list_mechanisms(&functions);
    refuse_missing_mechanisms(&functions);
    load_result = CKR_OK;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
    if (!list) return CKR_ARGUMENTS_BAD;
    if (pthread_once(&load_once, load) != 0) return CKR_GENERAL_ERROR;
    if (load_result == CKR_OK) *list = &functions;
    return load_result;
}
