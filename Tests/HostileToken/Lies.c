// Each lie, and the functions it is told in. A test has a process for itself and calls it from one thread at a time, so
// what a lie remembers stands in plain variables.

#define _GNU_SOURCE

#include "Lies.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "Forgery.h"

CK_FUNCTION_LIST *honest;
bool spares_throwaway_keys;
bool falters;

enum { largest_template = 32, largest_blob = 1024 };

static bool concerns(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) {
    CK_BBOOL kept = CK_FALSE;
    CK_ATTRIBUTE token = {CKA_TOKEN, &kept, sizeof kept};
    return !spares_throwaway_keys || (honest->C_GetAttributeValue(session, key, &token, 1) == CKR_OK && kept);
}

static const CK_ATTRIBUTE *attribute(CK_ATTRIBUTE_TYPE type, const CK_ATTRIBUTE *template, CK_ULONG count) {
    for (CK_ULONG i = 0; i < count; i++)
        if (template[i].type == type) return &template[i];
    return NULL;
}

static bool asks_for(CK_ATTRIBUTE_TYPE type, const CK_ATTRIBUTE *template, CK_ULONG count) {
    const CK_ATTRIBUTE *found = attribute(type, template, count);
    return found && found->pValue && found->ulValueLen == sizeof(CK_BBOOL) && *(CK_BBOOL *)found->pValue;
}

static bool concerns_new(const CK_ATTRIBUTE *template, CK_ULONG count) {
    return !spares_throwaway_keys || asks_for(CKA_TOKEN, template, count);
}

// What the token answers where it lets the user do what nobody may.
static CK_RV let(void) {
    static bool has_faltered;
    if (!falters || has_faltered) return CKR_OK;
    has_faltered = true;
    return CKR_DEVICE_ERROR;
}

// Wraps.

typedef CK_RV (*forger)(CK_SESSION_HANDLE, CK_OBJECT_HANDLE, struct material *, unsigned char *, CK_ULONG *);

static CK_RV wrap_forged(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key,
                         CK_OBJECT_HANDLE key, unsigned char *wrapped, CK_ULONG *length, forger forge) {
    if (!wrapped || !concerns(session, key))
        return honest->C_WrapKey(session, mechanism, wrapping_key, key, wrapped, length);
    struct material material;
    CK_RV result = take_out(session, key, &material);
    if (result == CKR_OK) result = forge(session, wrapping_key, &material, wrapped, length);
    OPENSSL_cleanse(&material, sizeof material);
    return result;
}

// Defines a C_WrapKey called NAME that has its blob made by NAME_forger.
#define FORGED_WRAP(name)                                                                                         \
    static CK_RV name(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key,          \
                      CK_OBJECT_HANDLE key, unsigned char *wrapped, CK_ULONG *length) {                           \
        return wrap_forged(session, mechanism, wrapping_key, key, wrapped, length, name##_forger);                \
    }

static CK_RV wrap_with_sha1_forger(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE wrapping_key,
                                   struct material *material, unsigned char *blob, CK_ULONG *length) {
    return seal(session, wrapping_key, material, EVP_sha1(), EVP_sha1(), blob, length);
}
FORGED_WRAP(wrap_with_sha1)

static CK_RV wrap_with_mgf1_sha1_forger(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE wrapping_key,
                                        struct material *material, unsigned char *blob, CK_ULONG *length) {
    return seal(session, wrapping_key, material, EVP_sha256(), EVP_sha1(), blob, length);
}
FORGED_WRAP(wrap_with_mgf1_sha1)

static CK_RV wrap_with_mgf1_alone_forger(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE wrapping_key,
                                         struct material *material, unsigned char *blob, CK_ULONG *length) {
    return seal(session, wrapping_key, material, EVP_sha1(), EVP_sha256(), blob, length);
}
FORGED_WRAP(wrap_with_mgf1_alone)

static CK_RV wrap_with_pkcs1_forger(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE wrapping_key,
                                    struct material *material, unsigned char *blob, CK_ULONG *length) {
    return seal(session, wrapping_key, material, NULL, NULL, blob, length);
}
FORGED_WRAP(wrap_with_pkcs1)

static CK_RV wrap_another_key_forger(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE wrapping_key,
                                     struct material *material, unsigned char *blob, CK_ULONG *length) {
    material->bytes[0] ^= 1;
    return seal(session, wrapping_key, material, EVP_sha256(), EVP_sha256(), blob, length);
}
FORGED_WRAP(wrap_another_key)

static CK_RV wrap_half_a_key_forger(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE wrapping_key,
                                    struct material *material, unsigned char *blob, CK_ULONG *length) {
    material->length /= 2;
    return seal(session, wrapping_key, material, EVP_sha256(), EVP_sha256(), blob, length);
}
FORGED_WRAP(wrap_half_a_key)

// Its size is another every time, and never that of the modulus.
static CK_RV wrap_to_another_length(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key,
                                    CK_OBJECT_HANDLE key, unsigned char *wrapped, CK_ULONG *length) {
    static CK_ULONG missing;
    const CK_RV result = honest->C_WrapKey(session, mechanism, wrapping_key, key, wrapped, length);
    if (result == CKR_OK && concerns(session, key)) *length -= ++missing;
    return result;
}

static CK_RV wrap_to_the_first_blob(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key,
                                    CK_OBJECT_HANDLE key, unsigned char *wrapped, CK_ULONG *length) {
    static unsigned char first[largest_blob];
    static CK_ULONG size;
    const CK_RV result = honest->C_WrapKey(session, mechanism, wrapping_key, key, wrapped, length);
    if (result != CKR_OK || !wrapped || *length > sizeof first || !concerns(session, key)) return result;
    if (size == 0) {
        size = *length;
        memcpy(first, wrapped, size);
    } else if (size == *length) {
        memcpy(wrapped, first, size);
    }
    return result;
}

static CK_RV wrap_to_vendor_code(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key,
                                 CK_OBJECT_HANDLE key, unsigned char *wrapped, CK_ULONG *length) {
    if (concerns(session, key)) return 0x80000123;
    return honest->C_WrapKey(session, mechanism, wrapping_key, key, wrapped, length);
}

static CK_RV wrap_to_unassigned_code(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
                                     CK_OBJECT_HANDLE wrapping_key, CK_OBJECT_HANDLE key, unsigned char *wrapped,
                                     CK_ULONG *length) {
    if (concerns(session, key)) return 0x00000123;
    return honest->C_WrapKey(session, mechanism, wrapping_key, key, wrapped, length);
}

// Keys.

static CK_RV generate_with(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template, CK_ULONG count,
                           CK_OBJECT_HANDLE *key, CK_ATTRIBUTE other) {
    if (!concerns_new(template, count)) return honest->C_GenerateKey(session, mechanism, template, count, key);
    CK_ATTRIBUTE changed[largest_template];
    if (count > largest_template) return CKR_TEMPLATE_INCONSISTENT;
    for (CK_ULONG i = 0; i < count; i++) changed[i] = template[i].type == other.type ? other : template[i];
    return honest->C_GenerateKey(session, mechanism, changed, count, key);
}

static CK_RV generate_readable(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template,
                               CK_ULONG count, CK_OBJECT_HANDLE *key) {
    CK_BBOOL no = CK_FALSE;
    return generate_with(session, mechanism, template, count, key, (CK_ATTRIBUTE){CKA_SENSITIVE, &no, sizeof no});
}

static CK_RV generate_unextractable(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template,
                                    CK_ULONG count, CK_OBJECT_HANDLE *key) {
    CK_BBOOL no = CK_FALSE;
    return generate_with(session, mechanism, template, count, key, (CK_ATTRIBUTE){CKA_EXTRACTABLE, &no, sizeof no});
}

static CK_RV generate_wrapping(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template,
                               CK_ULONG count, CK_OBJECT_HANDLE *key) {
    CK_BBOOL yes = CK_TRUE;
    return generate_with(session, mechanism, template, count, key, (CK_ATTRIBUTE){CKA_WRAP, &yes, sizeof yes});
}

static CK_RV generate_short(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template,
                            CK_ULONG count, CK_OBJECT_HANDLE *key) {
    CK_ULONG size = 16;
    return generate_with(session, mechanism, template, count, key, (CK_ATTRIBUTE){CKA_VALUE_LEN, &size, sizeof size});
}

// The second key, and every one after it, is the first under another label and id.
static CK_RV generate_the_first_again(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template,
                                      CK_ULONG count, CK_OBJECT_HANDLE *key) {
    static CK_OBJECT_HANDLE first = CK_INVALID_HANDLE;
    if (!concerns_new(template, count)) return honest->C_GenerateKey(session, mechanism, template, count, key);
    if (first != CK_INVALID_HANDLE) {
        const CK_ATTRIBUTE *label = attribute(CKA_LABEL, template, count), *id = attribute(CKA_ID, template, count);
        if (!label || !id) return CKR_TEMPLATE_INCOMPLETE;
        CK_ATTRIBUTE named[] = {*label, *id};
        return honest->C_CopyObject(session, first, named, 2, key);
    }
    const CK_RV result = honest->C_GenerateKey(session, mechanism, template, count, key);
    if (result == CKR_OK) first = *key;
    return result;
}

// A key that was made in software.
static CK_RV import_instead(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template, CK_ULONG count,
                            CK_OBJECT_HANDLE *key) {
    if (!concerns_new(template, count)) return honest->C_GenerateKey(session, mechanism, template, count, key);
    unsigned char value[32];
    CK_ATTRIBUTE changed[largest_template];
    if (count > largest_template || RAND_bytes(value, sizeof value) != 1) return CKR_FUNCTION_FAILED;
    for (CK_ULONG i = 0; i < count; i++)
        changed[i] = template[i].type == CKA_VALUE_LEN ? (CK_ATTRIBUTE){CKA_VALUE, value, sizeof value} : template[i];
    const CK_RV result = honest->C_CreateObject(session, changed, count, key);
    OPENSSL_cleanse(value, sizeof value);
    return result;
}

// What is read back.

static void say(CK_ATTRIBUTE_TYPE type, const void *value, CK_ULONG size, CK_ATTRIBUTE *template, CK_ULONG count) {
    for (CK_ULONG i = 0; i < count; i++)
        if (template[i].type == type && template[i].pValue && template[i].ulValueLen == size)
            memcpy(template[i].pValue, value, size);
}

static CK_RV say_sensitive(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template,
                           CK_ULONG count) {
    const CK_BBOOL yes = CK_TRUE;
    const CK_RV result = honest->C_GetAttributeValue(session, object, template, count);
    say(CKA_SENSITIVE, &yes, sizeof yes, template, count);
    say(CKA_ALWAYS_SENSITIVE, &yes, sizeof yes, template, count);
    return result;
}

static CK_RV say_32_bytes(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template, CK_ULONG count) {
    const CK_ULONG size = 32;
    const CK_RV result = honest->C_GetAttributeValue(session, object, template, count);
    say(CKA_VALUE_LEN, &size, sizeof size, template, count);
    return result;
}

// What has a size of its own has one byte less when it comes to the bytes.
static CK_RV say_less(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template, CK_ULONG count) {
    const CK_RV result = honest->C_GetAttributeValue(session, object, template, count);
    if (result != CKR_OK) return result;
    for (CK_ULONG i = 0; i < count; i++)
        if (template[i].pValue && template[i].ulValueLen > sizeof(CK_ULONG)) template[i].ulValueLen--;
    return result;
}

// A blob for a key that may not leave. What is in it does not matter: nobody may get one.
static CK_RV wrap_unextractable(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key,
                                CK_OBJECT_HANDLE key, unsigned char *wrapped, CK_ULONG *length) {
    CK_BBOOL extractable = CK_TRUE;
    CK_ATTRIBUTE question = {CKA_EXTRACTABLE, &extractable, sizeof extractable};
    if (honest->C_GetAttributeValue(session, key, &question, 1) != CKR_OK || extractable)
        return honest->C_WrapKey(session, mechanism, wrapping_key, key, wrapped, length);
    const CK_ULONG size = 256;
    const bool fits = !wrapped || *length >= size;
    *length = size;
    if (!fits) return CKR_BUFFER_TOO_SMALL;
    if (wrapped) memset(wrapped, 0x5A, size);
    return let();
}

// The user makes trusted what only the security officer may.

static CK_RV set_trusted(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template, CK_ULONG count) {
    if (asks_for(CKA_TRUSTED, template, count)) return let();
    return honest->C_SetAttributeValue(session, object, template, count);
}

static CK_RV create_trusted(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
                            CK_OBJECT_HANDLE *object) {
    CK_ATTRIBUTE rest[largest_template];
    CK_ULONG kept = 0;
    if (count > largest_template) return CKR_TEMPLATE_INCONSISTENT;
    if (asks_for(CKA_TRUSTED, template, count)) {
        const CK_RV result = let();
        if (result != CKR_OK) return result;
    }
    for (CK_ULONG i = 0; i < count; i++)
        if (template[i].type != CKA_TRUSTED) rest[kept++] = template[i];
    return honest->C_CreateObject(session, rest, kept, object);
}

// A key whose look-up found it alone is doubled after that, once.

static CK_OBJECT_HANDLE found;
static CK_ULONG found_count;

static CK_RV begin_search(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count) {
    found_count = 0;
    return honest->C_FindObjectsInit(session, template, count);
}

static CK_RV search(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG room, CK_ULONG *count) {
    const CK_RV result = honest->C_FindObjects(session, objects, room, count);
    if (result == CKR_OK && *count > 0) {
        found = objects[0];
        found_count += *count;
    }
    return result;
}

static CK_RV end_search_and_double(CK_SESSION_HANDLE session) {
    static bool doubled;
    const CK_RV result = honest->C_FindObjectsFinal(session);
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_ATTRIBUTE question = {CKA_CLASS, &class, sizeof class};
    if (result != CKR_OK || doubled || found_count != 1 ||
        honest->C_GetAttributeValue(session, found, &question, 1) != CKR_OK || class != CKO_SECRET_KEY)
        return result;
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE kept = {CKA_TOKEN, &yes, sizeof yes};
    CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
    doubled = true;
    return honest->C_CopyObject(session, found, &kept, 1, &copy);
}

// Searches that do not come to their end.

static CK_RV find_without_end(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG room, CK_ULONG *count) {
    (void)session;
    for (CK_ULONG i = 0; i < room; i++) objects[i] = i + 1;
    *count = room;
    return CKR_OK;
}

static CK_RV be_removed_while_finding(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG room,
                                      CK_ULONG *count) {
    (void)session, (void)objects, (void)room, (void)count;
    return CKR_DEVICE_REMOVED;
}

static CK_RV end_no_search(CK_SESSION_HANDLE session) {
    (void)session;
    return CKR_SESSION_HANDLE_INVALID;
}

// Slots and sessions that are gone.

static CK_RV list_no_slots(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count) {
    (void)present, (void)slots;
    *count = 0;
    return CKR_OK;
}

static CK_RV open_no_session(CK_SLOT_ID slot, CK_FLAGS flags, void *context, CK_NOTIFY notify,
                             CK_SESSION_HANDLE *session) {
    (void)slot, (void)flags, (void)context, (void)notify, (void)session;
    return CKR_SLOT_ID_INVALID;
}

static CK_ULONG open_sessions;

static CK_RV open_one_session(CK_SLOT_ID slot, CK_FLAGS flags, void *context, CK_NOTIFY notify,
                              CK_SESSION_HANDLE *session) {
    if (open_sessions > 0) return CKR_SESSION_COUNT;
    const CK_RV result = honest->C_OpenSession(slot, flags, context, notify, session);
    if (result == CKR_OK) open_sessions++;
    return result;
}

static CK_RV close_one_session(CK_SESSION_HANDLE session) {
    const CK_RV result = honest->C_CloseSession(session);
    if (result == CKR_OK) open_sessions--;
    return result;
}

static CK_RV say_one_session(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    const CK_RV result = honest->C_GetTokenInfo(slot, info);
    info->ulMaxSessionCount = info->ulMaxRwSessionCount = 1;
    info->ulSessionCount = open_sessions;
    return result;
}

// What is said of one token, which a file beside SoftHSM's configuration names: in a file, since each connection to a
// server has a process of its own.

bool find_beside(const char *suffix, char *path, size_t size) {
    const char *configuration = secure_getenv("SOFTHSM2_CONF");
    const int length = configuration ? snprintf(path, size, "%s%s", configuration, suffix) : -1;
    return length > 0 && (size_t)length < size;
}

static bool is_named(const char *suffix, const CK_TOKEN_INFO *info) {
    char path[4096], label[sizeof info->label];
    FILE *file = find_beside(suffix, path, sizeof path) ? fopen(path, "r") : NULL;
    if (!file) return false;
    const size_t length = fread(label, 1, sizeof label, file);
    fclose(file);
    return length > 0 && memcmp(info->label, label, length) == 0 &&
           (length == sizeof label || info->label[length] == ' ');
}

static bool is_open_on_named(const char *suffix, CK_SESSION_HANDLE session) {
    CK_SESSION_INFO where;
    CK_TOKEN_INFO info;
    return honest->C_GetSessionInfo(session, &where) == CKR_OK &&
           honest->C_GetTokenInfo(where.slotID, &info) == CKR_OK && is_named(suffix, &info);
}

// One more wrong PIN locks it, until its user has logged in.

static CK_RV say_final_try(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    const CK_RV result = honest->C_GetTokenInfo(slot, info);
    if (result == CKR_OK && is_named(".final-try", info))
        info->flags |= CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY;
    return result;
}

static CK_RV log_in_and_warn_no_more(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin,
                                     CK_ULONG length) {
    char path[4096];
    const CK_RV result = honest->C_Login(session, user, pin, length);
    if (result == CKR_OK && user == CKU_USER && is_open_on_named(".final-try", session) &&
        find_beside(".final-try", path, sizeof path))
        unlink(path);
    return result;
}

// It has a keypad, at which somebody enters the rehearsal's PIN, and takes none from anywhere else.

static CK_RV say_keypad(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    const CK_RV result = honest->C_GetTokenInfo(slot, info);
    if (result == CKR_OK && is_named(".keypad", info)) info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
    return result;
}

static CK_RV log_in_at_keypad(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin, CK_ULONG length) {
    static const char digits[] = "0123456789abcdef", derivation[] = "keyrite rehearsal pin v1keyrite-hsm";
    unsigned char digest[32], entered[16];
    if (!is_open_on_named(".keypad", session)) return honest->C_Login(session, user, pin, length);
    if (pin) return CKR_PIN_INCORRECT;
    if (EVP_Digest(derivation, sizeof derivation - 1, digest, NULL, EVP_sha256(), NULL) != 1) return CKR_FUNCTION_FAILED;
    for (size_t i = 0; i < sizeof entered; i++) entered[i] = digits[digest[i / 2] >> (i % 2 ? 0 : 4) & 15];
    return honest->C_Login(session, user, entered, sizeof entered);
}

// What everything is answered with once the session is lost.
static CK_RV lost = CKR_OK;

// Generates the key first: what happened is not known from the answer.
static CK_RV generate_and_be_removed(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template,
                                     CK_ULONG count, CK_OBJECT_HANDLE *key) {
    if (lost != CKR_OK) return lost;
    const CK_RV result = honest->C_GenerateKey(session, mechanism, template, count, key);
    if (result == CKR_OK && concerns_new(template, count)) lost = CKR_DEVICE_REMOVED;
    return lost != CKR_OK ? lost : result;
}

static CK_RV wrap_and_lose_session(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key,
                                   CK_OBJECT_HANDLE key, unsigned char *wrapped, CK_ULONG *length) {
    if (lost == CKR_OK && concerns(session, key)) lost = CKR_SESSION_HANDLE_INVALID;
    return lost != CKR_OK ? lost : honest->C_WrapKey(session, mechanism, wrapping_key, key, wrapped, length);
}

static CK_RV find_unless_lost(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count) {
    return lost != CKR_OK ? lost : honest->C_FindObjectsInit(session, template, count);
}

static CK_RV destroy_unless_lost(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
    return lost != CKR_OK ? lost : honest->C_DestroyObject(session, object);
}

static CK_RV log_out_unless_lost(CK_SESSION_HANDLE session) {
    return lost != CKR_OK ? lost : honest->C_Logout(session);
}

static CK_RV close_unless_lost(CK_SESSION_HANDLE session) {
    return lost != CKR_OK ? lost : honest->C_CloseSession(session);
}

#define UNLESS_LOST                                                                                               \
    .C_FindObjectsInit = find_unless_lost, .C_DestroyObject = destroy_unless_lost, .C_Logout = log_out_unless_lost, \
    .C_CloseSession = close_unless_lost

// One call that fails when it is told to. The file beside SoftHSM's configuration says "FUNCTION CODE WHEN": before it
// has its effect, after it, or when it had half of it. It is gone once that has happened.

enum when { before = 'b', after = 'a', half = 'h' };

static CK_RV fault(const char *function, enum when when) {
    char path[4096], name[32], word[8];
    unsigned long code = 0;
    FILE *file = find_beside(".fault", path, sizeof path) ? fopen(path, "r") : NULL;
    if (!file) return CKR_OK;
    const bool read = fscanf(file, "%31s %lx %7s", name, &code, word) == 3;
    fclose(file);
    if (!read || strcmp(name, function) != 0 || word[0] != (char)when || unlink(path) != 0) return CKR_OK;
    // What is gone stays away from this process.
    if (code == CKR_SESSION_HANDLE_INVALID || code == CKR_SESSION_CLOSED || code == CKR_DEVICE_REMOVED) lost = code;
    return code;
}

// The effect is had in the middle of FAULTY, whose name the fault has.
#define FAULTY(function, concerned, effect)                                                                       \
    if (lost != CKR_OK) return lost;                                                                              \
    if (!(concerned)) return effect;                                                                              \
    CK_RV result = fault(function, before);                                                                       \
    if (result == CKR_OK) result = effect;                                                                        \
    return result == CKR_OK ? fault(function, after) : result

static CK_RV generate_or_fail(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template,
                              CK_ULONG count, CK_OBJECT_HANDLE *key) {
    FAULTY("C_GenerateKey", concerns_new(template, count),
           honest->C_GenerateKey(session, mechanism, template, count, key));
}

static CK_RV generate_pair_or_half(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public_template,
                                   CK_ULONG public_count, CK_ATTRIBUTE *template, CK_ULONG count,
                                   CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *key) {
    CK_RV result = honest->C_GenerateKeyPair(session, mechanism, public_template, public_count, template, count,
                                             public_key, key);
    if (result != CKR_OK || !concerns_new(template, count)) return result;
    result = fault("C_GenerateKeyPair", half);
    if (result != CKR_OK) honest->C_DestroyObject(session, *public_key);
    return result;
}

static CK_RV wrap_or_fail(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_key,
                          CK_OBJECT_HANDLE key, unsigned char *wrapped, CK_ULONG *length) {
    FAULTY("C_WrapKey", concerns(session, key),
           honest->C_WrapKey(session, mechanism, wrapping_key, key, wrapped, length));
}

static CK_RV set_or_fail(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template, CK_ULONG count) {
    if (count > 1 && concerns(session, object)) {
        const CK_RV result = fault("C_SetAttributeValue", half);
        if (result != CKR_OK) return honest->C_SetAttributeValue(session, object, template, 1), result;
    }
    FAULTY("C_SetAttributeValue", concerns(session, object),
           honest->C_SetAttributeValue(session, object, template, count));
}

// Each login that is tried leaves a byte.
static CK_RV log_in_or_fail(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin, CK_ULONG length) {
    char path[4096];
    FILE *file = find_beside(".logins", path, sizeof path) ? fopen(path, "a") : NULL;
    if (file) fputc('.', file), fclose(file);
    FAULTY("C_Login", user == CKU_USER, honest->C_Login(session, user, pin, length));
}

// The code in a file beside SoftHSM's configuration.
static CK_RV code_in(const char *suffix) {
    char path[4096];
    unsigned long code = 0;
    FILE *file = find_beside(suffix, path, sizeof path) ? fopen(path, "r") : NULL;
    if (!file) return CKR_OK;
    const bool read = fscanf(file, "%lx", &code) == 1;
    fclose(file);
    return read ? code : CKR_OK;
}

static CK_RV list_or_fail(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count) {
    const CK_RV code = code_in(".unlisted-code");
    return code != CKR_OK ? code : honest->C_GetSlotList(present, slots, count);
}

static CK_RV say_what_is_told(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    const CK_RV result = honest->C_GetTokenInfo(slot, info);
    if (result != CKR_OK) return result;
    if (is_named(".unread", info)) return code_in(".unread-code");
    if (is_named(".locked", info)) info->flags |= CKF_USER_PIN_LOCKED;
    if (is_named(".other-model", info)) memcpy(info->model, "ANOTHER MODEL   ", sizeof info->model);
    return CKR_OK;
}

// As a token whose flags another process writes just then.
static CK_RV say_at_second_asking(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    static int asked;
    return ++asked % 2 == 1 ? CKR_GENERAL_ERROR : honest->C_GetTokenInfo(slot, info);
}

static CK_RV say_nothing(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    (void)slot, (void)info;
    return CKR_GENERAL_ERROR;
}

static const struct lie lies[] = {
    {"wraps-with-sha1", {.C_WrapKey = wrap_with_sha1}},
    {"wraps-with-sha1-in-mgf1", {.C_WrapKey = wrap_with_mgf1_sha1}},
    {"wraps-with-sha256-in-mgf1-alone", {.C_WrapKey = wrap_with_mgf1_alone}},
    {"wraps-with-pkcs1", {.C_WrapKey = wrap_with_pkcs1}},
    {"wraps-another-key", {.C_WrapKey = wrap_another_key}},
    {"wraps-half-a-key", {.C_WrapKey = wrap_half_a_key}},
    {"wraps-to-another-length", {.C_WrapKey = wrap_to_another_length}},
    {"repeats-blobs", {.C_WrapKey = wrap_to_the_first_blob}},
    {"answers-vendor-code", {.C_WrapKey = wrap_to_vendor_code}},
    {"answers-unassigned-code", {.C_WrapKey = wrap_to_unassigned_code}},
    {"makes-readable-keys", {.C_GenerateKey = generate_readable}},
    {"hides-readable-keys", {.C_GenerateKey = generate_readable, .C_GetAttributeValue = say_sensitive}},
    {"makes-unextractable-keys", {.C_GenerateKey = generate_unextractable}},
    {"makes-wrapping-keys", {.C_GenerateKey = generate_wrapping}},
    {"makes-short-keys", {.C_GenerateKey = generate_short}},
    {"hides-short-keys", {.C_GenerateKey = generate_short, .C_GetAttributeValue = say_32_bytes}},
    {"repeats-keys", {.C_GenerateKey = generate_the_first_again}},
    {"imports-instead", {.C_GenerateKey = import_instead}},
    {"changes-lengths", {.C_GetAttributeValue = say_less}},
    {"wraps-what-may-not-leave", {.C_WrapKey = wrap_unextractable}},
    {"lets-user-set-trusted", {.C_SetAttributeValue = set_trusted}},
    {"lets-user-create-trusted", {.C_CreateObject = create_trusted}},
    {"doubles-keys",
     {.C_FindObjectsInit = begin_search, .C_FindObjects = search, .C_FindObjectsFinal = end_search_and_double}},
    {"finds-without-end", {.C_FindObjects = find_without_end}},
    {"is-removed-while-finding",
     {.C_FindObjects = be_removed_while_finding, .C_FindObjectsFinal = end_no_search}},
    {"has-no-slots", {.C_GetSlotList = list_no_slots}},
    {"has-an-invalid-slot", {.C_OpenSession = open_no_session}},
    {"takes-one-session",
     {.C_OpenSession = open_one_session, .C_CloseSession = close_one_session, .C_GetTokenInfo = say_one_session}},
    {"has-a-final-try", {.C_GetTokenInfo = say_final_try, .C_Login = log_in_and_warn_no_more}},
    {"says-at-second-asking", {.C_GetTokenInfo = say_at_second_asking}},
    {"says-nothing", {.C_GetTokenInfo = say_nothing}},
    {"has-a-keypad", {.C_GetTokenInfo = say_keypad, .C_Login = log_in_at_keypad}},
    {"is-removed", {.C_GenerateKey = generate_and_be_removed, UNLESS_LOST}},
    {"loses-session", {.C_WrapKey = wrap_and_lose_session, UNLESS_LOST}},
    {"fails-on-demand",
     {.C_GenerateKey = generate_or_fail, .C_GenerateKeyPair = generate_pair_or_half, .C_WrapKey = wrap_or_fail,
      .C_SetAttributeValue = set_or_fail, .C_Login = log_in_or_fail, .C_GetTokenInfo = say_what_is_told,
      .C_GetSlotList = list_or_fail, UNLESS_LOST}},
};

const struct lie *lie_named(const char *name) {
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++)
        if (strcmp(lies[i].name, name) == 0) return &lies[i];
    return NULL;
}
