// A token of which any call may fail.
//
// The name of each call is written into a file beside SoftHSM's configuration, ".calls", a line of 32 bytes each, with the
// process that made it: whoever counts them knows how many there are. The file ".fail-at" says "NUMBER CODE WHEN SINCE": which
// of them fails, from the "first" of all or from a process's own "login", and whether before or after it had its effect. It is
// gone once that has happened. A connection has a process, and one may still begin while another is logged in: only the calls
// since a login have the same numbers each time.

#define _GNU_SOURCE

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "Lies.h"

enum { line_length = 32 };

struct turn {
    CK_RV code;
    bool is_after;
};

// What every call of this process is answered with since its token is gone.
static CK_RV gone = CKR_OK;

// How many calls this process has made since it logged in; below 0 where it has not.
static long since_login = -1;

static long count(const char *function) {
    char path[4096];
    FILE *file = find_beside(".calls", path, sizeof path) ? fopen(path, "a") : NULL;
    if (!file) return 0;
    fprintf(file, "%-20s %10ld\n", function, (long)getpid());
    const long number = ftell(file) / line_length;
    fclose(file);
    return number;
}

static struct turn take_turn(const char *function) {
    struct turn turn = {gone, false};
    char path[4096], word[8], since[8];
    long wanted = 0;
    const long number = count(function);
    since_login = strcmp(function, "C_Login") == 0 ? 0 : since_login < 0 ? since_login : since_login + 1;
    if (gone != CKR_OK) return turn;
    FILE *file = find_beside(".fail-at", path, sizeof path) ? fopen(path, "r") : NULL;
    if (!file) return turn;
    unsigned long code = 0;
    const bool read = fscanf(file, "%ld %lx %7s %7s", &wanted, &code, word, since) == 4;
    fclose(file);
    if (!read || wanted != (strcmp(since, "login") == 0 ? since_login : number) || unlink(path) != 0) return turn;
    turn.code = code;
    turn.is_after = strcmp(word, "after") == 0;
    if (code == CKR_DEVICE_REMOVED || code == CKR_TOKEN_NOT_PRESENT || code == CKR_SESSION_HANDLE_INVALID) gone = code;
    return turn;
}

// Defines what stands for FUNCTION of the honest module.
#define COUNTED(function, parameters, arguments)                                                                  \
    static CK_RV counted_##function parameters {                                                                  \
        const struct turn turn = take_turn(#function);                                                            \
        if (turn.code != CKR_OK && !turn.is_after) return turn.code;                                              \
        const CK_RV result = honest->function arguments;                                                          \
        return turn.code != CKR_OK ? turn.code : result;                                                          \
    }

COUNTED(C_GetSlotList, (CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count), (present, slots, count))
COUNTED(C_GetTokenInfo, (CK_SLOT_ID slot, CK_TOKEN_INFO *info), (slot, info))
COUNTED(C_GetMechanismInfo, (CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info), (slot, type, info))
COUNTED(C_OpenSession, (CK_SLOT_ID slot, CK_FLAGS flags, void *context, CK_NOTIFY notify, CK_SESSION_HANDLE *session),
        (slot, flags, context, notify, session))
COUNTED(C_CloseSession, (CK_SESSION_HANDLE session), (session))
COUNTED(C_Login, (CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin, CK_ULONG length),
        (session, user, pin, length))
COUNTED(C_Logout, (CK_SESSION_HANDLE session), (session))
COUNTED(C_CreateObject,
        (CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *object),
        (session, template, count, object))
COUNTED(C_DestroyObject, (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object), (session, object))
COUNTED(C_GetAttributeValue,
        (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template, CK_ULONG count),
        (session, object, template, count))
COUNTED(C_SetAttributeValue,
        (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template, CK_ULONG count),
        (session, object, template, count))
COUNTED(C_FindObjectsInit, (CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count),
        (session, template, count))
COUNTED(C_FindObjects, (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG most, CK_ULONG *count),
        (session, objects, most, count))
COUNTED(C_FindObjectsFinal, (CK_SESSION_HANDLE session), (session))
COUNTED(C_EncryptInit, (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key),
        (session, mechanism, key))
COUNTED(C_Encrypt,
        (CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG size, unsigned char *encrypted, CK_ULONG *length),
        (session, data, size, encrypted, length))
COUNTED(C_SignInit, (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key),
        (session, mechanism, key))
COUNTED(C_Sign,
        (CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG size, unsigned char *signature, CK_ULONG *length),
        (session, data, size, signature, length))
COUNTED(C_GenerateKey,
        (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template, CK_ULONG count,
         CK_OBJECT_HANDLE *key),
        (session, mechanism, template, count, key))
COUNTED(C_GenerateKeyPair,
        (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public_template, CK_ULONG public_count,
         CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *key),
        (session, mechanism, public_template, public_count, template, count, public_key, key))
COUNTED(C_WrapKey,
        (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key, CK_OBJECT_HANDLE key,
         unsigned char *wrapped, CK_ULONG *length),
        (session, mechanism, wrapping_key, key, wrapped, length))

#define MEMBER(function) .function = counted_##function

const CK_FUNCTION_LIST counted = {
    MEMBER(C_GetSlotList),     MEMBER(C_GetTokenInfo),      MEMBER(C_GetMechanismInfo), MEMBER(C_OpenSession),
    MEMBER(C_CloseSession),    MEMBER(C_Login),             MEMBER(C_Logout),           MEMBER(C_CreateObject),
    MEMBER(C_DestroyObject),   MEMBER(C_GetAttributeValue), MEMBER(C_SetAttributeValue), MEMBER(C_FindObjectsInit),
    MEMBER(C_FindObjects),     MEMBER(C_FindObjectsFinal),  MEMBER(C_EncryptInit),      MEMBER(C_Encrypt),
    MEMBER(C_SignInit),        MEMBER(C_Sign),              MEMBER(C_GenerateKey),      MEMBER(C_GenerateKeyPair),
    MEMBER(C_WrapKey),
};
