import CP11Kit

/// What a token says about itself and its PINs: CKF_ of CK_TOKEN_INFO.
package struct TokenFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt

    package init(rawValue: UInt) { self.rawValue = rawValue }

    package static let writeProtected = TokenFlags(rawValue: CKF_WRITE_PROTECTED)
    package static let loginRequired = TokenFlags(rawValue: CKF_LOGIN_REQUIRED)
    package static let initialized = TokenFlags(rawValue: CKF_TOKEN_INITIALIZED)
    /// The PIN is entered at the device: log in without one.
    package static let protectedAuthenticationPath = TokenFlags(rawValue: CKF_PROTECTED_AUTHENTICATION_PATH)

    package static let userPINInitialized = TokenFlags(rawValue: CKF_USER_PIN_INITIALIZED)
    /// A wrong PIN was entered since the last login.
    package static let userPINCountLow = TokenFlags(rawValue: CKF_USER_PIN_COUNT_LOW)
    /// The next wrong PIN locks it.
    package static let userPINFinalTry = TokenFlags(rawValue: CKF_USER_PIN_FINAL_TRY)
    package static let userPINLocked = TokenFlags(rawValue: CKF_USER_PIN_LOCKED)
    package static let userPINToBeChanged = TokenFlags(rawValue: CKF_USER_PIN_TO_BE_CHANGED)

    package static let soPINCountLow = TokenFlags(rawValue: CKF_SO_PIN_COUNT_LOW)
    package static let soPINFinalTry = TokenFlags(rawValue: CKF_SO_PIN_FINAL_TRY)
    package static let soPINLocked = TokenFlags(rawValue: CKF_SO_PIN_LOCKED)
    package static let soPINToBeChanged = TokenFlags(rawValue: CKF_SO_PIN_TO_BE_CHANGED)
}
