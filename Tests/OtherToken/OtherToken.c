// A token of another make in a rehearsal's room, for the tests: nobody can type its PIN to a process that is killed a
// hundred times.
//
// Every call goes to that make's own module, but for two: its token says REHEARSAL-ONLY where its model stands, and takes
// the PIN of a rehearsal's token for its own. Which module and which PIN it is stands in the file SOFTHSM2_CONF, the one
// setting of a module that a rehearsal's site can name: the module's path, its PIN, and for p11-kit's client its server's
// address, a line each.

#define _GNU_SOURCE
#include "OtherToken.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p11-kit/pkcs11.h>

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static CK_RV load_result = CKR_GENERAL_ERROR;
static CK_FUNCTION_LIST functions, *other;
static char module[512], pin[64], address[512];

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    const CK_RV result = other->C_GetTokenInfo(slot, info);
    if (result == CKR_OK) memcpy(info->model, "REHEARSAL-ONLY  ", sizeof info->model);
    return result;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *given, CK_ULONG length) {
    if (user != CKU_USER || !given || !length) return CKR_PIN_INCORRECT;
    return other->C_Login(session, user, (unsigned char *)pin, strlen(pin));
}

static bool read_line(FILE *file, char *line, int size) {
    if (!fgets(line, size, file)) return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

static bool read_settings(void) {
    const char *path = secure_getenv("SOFTHSM2_CONF");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (!file) return false;
    const bool is_whole = read_line(file, module, sizeof module) && read_line(file, pin, sizeof pin) && *pin;
    if (is_whole && read_line(file, address, sizeof address)) setenv("P11_KIT_SERVER_ADDRESS", address, 1);
    fclose(file);
    return is_whole;
}

static void load(void) {
    void *library = read_settings() ? dlopen(module, RTLD_NOW | RTLD_LOCAL) : NULL;
    CK_C_GetFunctionList get_list = NULL;
    if (library) *(void **)&get_list = dlsym(library, "C_GetFunctionList");
    if (!get_list || get_list(&other) != CKR_OK || !other || other->version.major != 2) return;
    functions = *other;
    functions.C_GetFunctionList = C_GetFunctionList;
    functions.C_GetTokenInfo = get_token_info;
    functions.C_Login = login;
    load_result = CKR_OK;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
    if (!list) return CKR_ARGUMENTS_BAD;
    if (pthread_once(&load_once, load) != 0) return CKR_GENERAL_ERROR;
    if (load_result == CKR_OK) *list = &functions;
    return load_result;
}
