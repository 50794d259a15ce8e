import COpenSSL

/// libcrypto, set up once, before its first use here.
enum LibCrypto {
    /// Without its exit handler: that frees locks which threads still at work when the process ends would then take.
    static let isReady: Bool = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1
}
