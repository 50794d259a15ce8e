// A token that lies, for the tests of what must catch it.
//
// The rehearsal module is loaded from beside this one, and every call goes to it, but for those in which a lie is told.
// KEYRITE_HOSTILE says which: a name of Lies.c; "NAME/kept" to tell it only of keys that are kept on the token, not of
// the throwaway ones of a self-test; "NAME/falters" to answer CKR_DEVICE_ERROR first; "lacks-C_NAME" for a list without
// that function; "has-no-list" and "is-of-version-3" for what they say; "fails-anywhere" for Counted.c. Without it nothing
// is a lie. Any other value is refused, so that no test passes for a typing error.

#define _GNU_SOURCE
#include "HostileToken.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p11-kit/pkcs11.h>

#include "Lies.h"

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static CK_RV load_result = CKR_GENERAL_ERROR;
static CK_FUNCTION_LIST functions;
static bool has_no_list;

static void *open_rehearsal_module(void) {
    char path[4096];
    Dl_info self;
    if (!dladdr(&load_once, &self)) return NULL;
    const char *slash = strrchr(self.dli_fname, '/');
    const int folder = slash ? (int)(slash - self.dli_fname) : -1;
    if (folder < 0) return NULL;
    const int length = snprintf(path, sizeof path, "%.*s/libRehearsalToken.so", folder, self.dli_fname);
    return length > 0 && (size_t)length < sizeof path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
}

static bool lack(const char *name) {
#define MEMBER(name) {#name, offsetof(CK_FUNCTION_LIST, name)}
    static const struct {
        const char *name;
        size_t offset;
    } members[] = {
        MEMBER(C_Initialize), MEMBER(C_GetSlotList), MEMBER(C_GetTokenInfo), MEMBER(C_OpenSession),
        MEMBER(C_Login), MEMBER(C_FindObjectsInit), MEMBER(C_GetAttributeValue), MEMBER(C_GenerateKey),
        MEMBER(C_EncryptInit), MEMBER(C_CreateObject), MEMBER(C_WrapKey), MEMBER(C_SetAttributeValue),
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (strcmp(members[i].name, name) != 0) continue;
        memset((char *)&functions + members[i].offset, 0, sizeof functions.C_Initialize);
        return true;
    }
    return false;
}

static void replace(const CK_FUNCTION_LIST *instead) {
#define REPLACE(member)                                                                                           \
    if (instead->member) functions.member = instead->member
    REPLACE(C_GetSlotList);
    REPLACE(C_GetTokenInfo);
    REPLACE(C_OpenSession);
    REPLACE(C_CloseSession);
    REPLACE(C_Login);
    REPLACE(C_Logout);
    REPLACE(C_CreateObject);
    REPLACE(C_DestroyObject);
    REPLACE(C_GetAttributeValue);
    REPLACE(C_SetAttributeValue);
    REPLACE(C_FindObjectsInit);
    REPLACE(C_FindObjects);
    REPLACE(C_FindObjectsFinal);
    REPLACE(C_GenerateKey);
    REPLACE(C_GenerateKeyPair);
    REPLACE(C_WrapKey);
    REPLACE(C_GetMechanismInfo);
    REPLACE(C_EncryptInit);
    REPLACE(C_Encrypt);
    REPLACE(C_SignInit);
    REPLACE(C_Sign);
}

static bool tell(const char *text) {
    char name[64];
    if (strlen(text) >= sizeof name) return false;
    strcpy(name, text);
    if (strncmp(name, "lacks-", strlen("lacks-")) == 0) return lack(name + strlen("lacks-"));
    if (strcmp(name, "is-of-version-3") == 0) return functions.version.major = 3, true;
    if (strcmp(name, "fails-anywhere") == 0) return replace(&counted), true;
    if (strcmp(name, "has-no-list") == 0) return has_no_list = true;
    char *scope = strchr(name, '/');
    if (scope) {
        spares_throwaway_keys = strcmp(scope, "/kept") == 0;
        falters = strcmp(scope, "/falters") == 0;
        if (!spares_throwaway_keys && !falters) return false;
        *scope = '\0';
    }
    const struct lie *lie = lie_named(name);
    if (lie) replace(&lie->instead);
    return lie != NULL;
}

static void load(void) {
    void *library = open_rehearsal_module();
    CK_C_GetFunctionList get_list = NULL;
    if (library) *(void **)&get_list = dlsym(library, "C_GetFunctionList");
    if (!get_list || get_list(&honest) != CKR_OK || !honest) return;
    functions = *honest;
    functions.C_GetFunctionList = C_GetFunctionList;
    const char *lie = secure_getenv("KEYRITE_HOSTILE");
    if (!lie || tell(lie)) load_result = CKR_OK;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
    if (!list) return CKR_ARGUMENTS_BAD;
    if (pthread_once(&load_once, load) != 0) return CKR_GENERAL_ERROR;
    if (load_result == CKR_OK) *list = has_no_list ? NULL : &functions;
    return load_result;
}
