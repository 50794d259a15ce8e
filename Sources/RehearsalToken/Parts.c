// The little that all wraps need.

#define _GNU_SOURCE
#include "Parts.h"

#include <signal.h>
#include <stdlib.h>

#include <openssl/crypto.h>

void pause_in_wrap(void) {
    if (secure_getenv("KEYRITE_REHEARSAL_PAUSE_IN_WRAP")) raise(SIGSTOP);
}

CK_RV withhold(unsigned char *wrapped, CK_ULONG size, CK_ULONG *wrapped_length) {
    OPENSSL_cleanse(wrapped, size);
    *wrapped_length = 0;
    return CKR_FUNCTION_FAILED;
}

CK_RV open_beside(CK_SESSION_HANDLE session, CK_SESSION_HANDLE *beside) {
    CK_SESSION_INFO info;
    const CK_RV result = softhsm->C_GetSessionInfo(session, &info);
    if (result != CKR_OK) return result;
    return softhsm->C_OpenSession(info.slotID, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, beside);
}
