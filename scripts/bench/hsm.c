// The plain C loop that scripts/bench/hsm holds Keyrite to: makes keys on a token, wraps each and destroys it.
//
//   hsm KIND COUNT WRAPPING-KEY BLOB
//
// KIND is aes, hmac, rsa or p256; WRAPPING-KEY a file with an RSA public key (DER SubjectPublicKeyInfo). Each line of
// standard input is a round: a tenth of COUNT to warm up, then COUNT keys, and how many a second that were. When there
// are no more, the last blob goes to the file BLOB, and the most memory there ever was (VmHWM, in KiB) is said.
//
// It is as careful as a C program should be, and no more: it looks at every answer, and at the length of every blob.
// How long the modulus is it knows from the file.

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <p11-kit/pkcs11.h>

// PKCS#11's CK_RSA_AES_KEY_WRAP_PARAMS, which p11-kit's header does not have.
struct rsa_aes_key_wrap_params {
    CK_ULONG aes_key_bits;
    CK_RSA_PKCS_OAEP_PARAMS *oaep_params;
};

enum kind { aes, hmac, rsa, p256, none };
static const char *const kinds[none] = {"aes", "hmac", "rsa", "p256"};

// The second is more than a private key has when AES key wrap with padding is done with it.
enum { largest_modulus = 1024, largest_wrapped_key = 4096 };

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
#define COUNT(array) (sizeof(array) / sizeof *(array))
#define NUMBER(type, variable) {type, &variable, sizeof variable}
#define YES(type) {type, &yes, sizeof yes}
#define NO(type) {type, &no, sizeof no}
#define TEXT(type, text) {type, text, sizeof(text) - 1}

static CK_FUNCTION_LIST *token;
static CK_SESSION_HANDLE session;
static unsigned char modulus[largest_modulus], exponent[8];
static CK_ULONG modulus_length, exponent_length;
static unsigned char blob[largest_modulus + largest_wrapped_key];
static CK_ULONG blob_length;

static void fail(const char *what, CK_RV answer) {
    fprintf(stderr, "hsm: %s failed: 0x%lx\n", what, answer);
    exit(1);
}

static void check(const char *function, CK_RV answer) {
    if (answer != CKR_OK) fail(function, answer);
}

static void load_module(void) {
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
    const char *path = getenv("KEYRITE_REHEARSAL_MODULE");
    void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    CK_C_GetFunctionList get_list = NULL;
    if (library) *(void **)&get_list = dlsym(library, "C_GetFunctionList");
    if (!get_list) fail("loading the module", 0);
    check("C_GetFunctionList", get_list(&token));
    check("C_Initialize", token->C_Initialize(&arguments));
}

static void log_in(const char *label, const char *pin) {
    CK_SLOT_ID slots[16];
    CK_ULONG count = COUNT(slots);
    check("C_GetSlotList", token->C_GetSlotList(CK_TRUE, slots, &count));
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        check("C_GetTokenInfo", token->C_GetTokenInfo(slots[i], &info));
        if (strncmp((const char *)info.label, label, strlen(label)) != 0) continue;
        check("C_OpenSession",
              token->C_OpenSession(slots[i], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session));
        check("C_Login", token->C_Login(session, CKU_USER, (unsigned char *)pin, strlen(pin)));
        return;
    }
    fail("looking for the token", 0);
}

static CK_ULONG read_number(EVP_PKEY *key, const char *name, unsigned char *bytes, int room) {
    BIGNUM *number = NULL;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1 || BN_num_bytes(number) > room) fail(name, 0);
    const int length = BN_bn2bin(number, bytes);
    BN_free(number);
    return (CK_ULONG)length;
}

static void read_wrapping_key(const char *path) {
    FILE *file = fopen(path, "rb");
    EVP_PKEY *key = file ? d2i_PUBKEY_fp(file, NULL) : NULL;
    if (!key) fail("reading the wrapping key", 0);
    modulus_length = read_number(key, OSSL_PKEY_PARAM_RSA_N, modulus, sizeof modulus);
    exponent_length = read_number(key, OSSL_PKEY_PARAM_RSA_E, exponent, sizeof exponent);
    EVP_PKEY_free(key);
    fclose(file);
}

static CK_OBJECT_HANDLE create_wrapping_key(CK_ULONG number) {
    CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
    CK_KEY_TYPE type = CKK_RSA;
    CK_ATTRIBUTE template[] = {
        NUMBER(CKA_CLASS, class), NUMBER(CKA_KEY_TYPE, type), TEXT(CKA_LABEL, "wrapping key"), NUMBER(CKA_ID, number),
        NO(CKA_TOKEN), NO(CKA_PRIVATE), YES(CKA_WRAP), NO(CKA_ENCRYPT), NO(CKA_VERIFY),
        {CKA_MODULUS, modulus, modulus_length}, {CKA_PUBLIC_EXPONENT, exponent, exponent_length},
    };
    CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
    check("C_CreateObject", token->C_CreateObject(session, template, COUNT(template), &made));
    return made;
}

static CK_OBJECT_HANDLE generate_secret(
    CK_MECHANISM_TYPE mechanism_type, CK_KEY_TYPE type, CK_BBOOL encrypts, CK_BBOOL signs, CK_ULONG number) {
    CK_MECHANISM mechanism = {mechanism_type, NULL, 0};
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_ULONG length = 32;
    CK_ATTRIBUTE template[] = {
        NUMBER(CKA_CLASS, class), NUMBER(CKA_KEY_TYPE, type), NUMBER(CKA_VALUE_LEN, length), TEXT(CKA_LABEL, "key"),
        NUMBER(CKA_ID, number), NO(CKA_TOKEN), YES(CKA_PRIVATE), YES(CKA_MODIFIABLE), YES(CKA_SENSITIVE),
        YES(CKA_EXTRACTABLE), NUMBER(CKA_ENCRYPT, encrypts), NO(CKA_DECRYPT), NUMBER(CKA_SIGN, signs), NO(CKA_VERIFY),
        NO(CKA_WRAP), NO(CKA_UNWRAP), NO(CKA_DERIVE),
    };
    CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
    check("C_GenerateKey", token->C_GenerateKey(session, &mechanism, template, COUNT(template), &made));
    return made;
}

// The private key of a pair whose public key is destroyed.
static CK_OBJECT_HANDLE generate_pair(
    CK_MECHANISM_TYPE mechanism_type, CK_KEY_TYPE type, CK_ATTRIBUTE *parameters, CK_ULONG number) {
    CK_MECHANISM mechanism = {mechanism_type, NULL, 0};
    CK_OBJECT_CLASS public_class = CKO_PUBLIC_KEY, private_class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE public_template[] = {
        NUMBER(CKA_CLASS, public_class), NUMBER(CKA_KEY_TYPE, type), parameters[0], TEXT(CKA_LABEL, "key"),
        NUMBER(CKA_ID, number), NO(CKA_TOKEN), NO(CKA_PRIVATE), NO(CKA_VERIFY), NO(CKA_ENCRYPT), NO(CKA_WRAP),
        parameters[1],
    };
    CK_ATTRIBUTE private_template[] = {
        NUMBER(CKA_CLASS, private_class), NUMBER(CKA_KEY_TYPE, type), TEXT(CKA_LABEL, "key"), NUMBER(CKA_ID, number),
        NO(CKA_TOKEN), YES(CKA_PRIVATE), YES(CKA_MODIFIABLE), YES(CKA_SENSITIVE), YES(CKA_EXTRACTABLE), NO(CKA_SIGN),
        NO(CKA_DECRYPT), NO(CKA_UNWRAP), NO(CKA_DERIVE),
    };
    // A curve has one parameter, RSA two: the last place of the template is there for the second.
    const CK_ULONG public_count = COUNT(public_template) - (type == CKK_EC ? 1 : 0);
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE, private_key = CK_INVALID_HANDLE;
    check("C_GenerateKeyPair",
          token->C_GenerateKeyPair(session, &mechanism, public_template, public_count, private_template,
                                   COUNT(private_template), &public_key, &private_key));
    check("C_DestroyObject", token->C_DestroyObject(session, public_key));
    return private_key;
}

static CK_OBJECT_HANDLE generate_rsa(CK_ULONG number) {
    CK_ULONG bits = 2048;
    CK_ATTRIBUTE parameters[] = {NUMBER(CKA_MODULUS_BITS, bits), TEXT(CKA_PUBLIC_EXPONENT, "\x01\x00\x01")};
    return generate_pair(CKM_RSA_PKCS_KEY_PAIR_GEN, CKK_RSA, parameters, number);
}

static CK_OBJECT_HANDLE generate_p256(CK_ULONG number) {
    static unsigned char curve[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    CK_ATTRIBUTE parameters[2] = {{CKA_EC_PARAMS, curve, sizeof curve}};
    return generate_pair(CKM_EC_KEY_PAIR_GEN, CKK_EC, parameters, number);
}

static CK_OBJECT_HANDLE generate(enum kind kind, CK_ULONG number) {
    switch (kind) {
    case rsa: return generate_rsa(number);
    case p256: return generate_p256(number);
    case hmac: return generate_secret(CKM_GENERIC_SECRET_KEY_GEN, CKK_GENERIC_SECRET, no, yes, number);
    default: return generate_secret(CKM_AES_KEY_GEN, CKK_AES, yes, no, number);
    }
}

static void make_and_wrap(enum kind kind, CK_ULONG number) {
    CK_RSA_PKCS_OAEP_PARAMS sha256 = {CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL, 0};
    struct rsa_aes_key_wrap_params with_aes = {256, &sha256};
    CK_MECHANISM oaep = {CKM_RSA_PKCS_OAEP, &sha256, sizeof sha256};
    CK_MECHANISM rsa_aes = {CKM_RSA_AES_KEY_WRAP, &with_aes, sizeof with_aes};
    const bool is_pair = kind == rsa || kind == p256;
    const CK_OBJECT_HANDLE key = generate(kind, number);
    const CK_OBJECT_HANDLE wrapping_key = create_wrapping_key(number);
    blob_length = modulus_length + (is_pair ? largest_wrapped_key : 0);
    check("C_WrapKey",
          token->C_WrapKey(session, is_pair ? &rsa_aes : &oaep, wrapping_key, key, blob, &blob_length));
    const bool is_long_enough = is_pair ? blob_length >= modulus_length + 24 : blob_length == modulus_length;
    if (!is_long_enough) fail("the blob's length", blob_length);
    check("C_DestroyObject", token->C_DestroyObject(session, wrapping_key));
    check("C_DestroyObject", token->C_DestroyObject(session, key));
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static long peak_memory(void) {
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    long kib = 0;
    while (status && fgets(line, sizeof line, status)) sscanf(line, "VmHWM: %ld", &kib);
    if (status) fclose(status);
    return kib;
}

static CK_ULONG next;
static void make(enum kind kind, CK_ULONG count) {
    for (CK_ULONG end = next + count; next < end; next++) make_and_wrap(kind, next);
}

int main(int count, char **arguments) {
    if (count != 5) return 2;
    enum kind kind = aes;
    while (kind != none && strcmp(arguments[1], kinds[kind]) != 0) kind++;
    const CK_ULONG keys = strtoul(arguments[2], NULL, 10);
    if (kind == none || keys == 0) return 2;
    load_module();
    log_in("bench", "1234");
    read_wrapping_key(arguments[3]);

    char line[16];
    while (fgets(line, sizeof line, stdin)) {
        make(kind, keys / 10 + 1);
        const double start = seconds();
        make(kind, keys);
        printf("%.1f\n", (double)keys / (seconds() - start));
        fflush(stdout);
    }
    FILE *file = fopen(arguments[4], "wb");
    if (!file || fwrite(blob, 1, blob_length, file) != blob_length || fclose(file) != 0) fail("writing the blob", 0);
    printf("%ld\n", peak_memory());
    return 0;
}
