/// Why something asked of a token did not happen, for the person who must act.
///
/// Never carries a PIN, a key byte or a URI that could hold one.
package struct PKCS11Error: Error, Sendable, CustomStringConvertible {
    /// What went wrong.
    package enum Cause: Hashable, Sendable {
        /// The token or module answered with this code.
        case returned(ReturnValue)
        /// The module's function list has NULL where the function should be.
        case missingFunction
        /// The answer was not of the form or size that the standard prescribes.
        case unexpectedAnswer(String)
        /// Keyrite itself refused, and the token was not asked.
        case refused(String)
        /// What was named is no name, or not that of one thing: Keyrite refused, and no token was asked.
        case misnamed(String)
        /// Something outside PKCS#11: a library, a socket or a process.
        case system(String)
    }

    /// The PKCS#11 function, or the step for failures outside of one.
    package let function: String
    package let cause: Cause
    /// The token, by label and serial number, or the module; nil where the cause says it.
    package let place: String?
    /// What to do about it; empty where nothing general can be said.
    package let remedy: String

    /// - Parameters:
    ///   - function: The PKCS#11 function or the step.
    ///   - cause: What went wrong.
    ///   - place: The token or module.
    ///   - remedy: What to do; by default the advice for the returned code.
    package init(_ function: String, _ cause: Cause, at place: String? = nil, remedy: String? = nil) {
        self.function = function
        self.cause = cause
        self.place = place
        self.remedy = remedy ?? (function == Self.beginning ? cause.remedyAtBeginning : nil) ?? cause.usualRemedy
    }

    /// What a module is asked first of all.
    private static let beginning = "C_Initialize"

    /// The code the token answered with, if it was asked and answered.
    package var returnValue: ReturnValue? {
        if case .returned(let value) = cause { value } else { nil }
    }

    /// Whether the token, or the way to it, failed: that says nothing of what the token can do, and may pass.
    package var isFailure: Bool {
        isGone || ["CKR_DEVICE_ERROR", "CKR_HOST_MEMORY"].contains(returnValue?.name)
    }

    /// Whether the token, the session or the login is not there any more: whatever else is asked comes to nothing, too.
    package var isGone: Bool {
        [
            "CKR_DEVICE_REMOVED", "CKR_TOKEN_NOT_PRESENT", "CKR_SLOT_ID_INVALID", "CKR_SESSION_HANDLE_INVALID",
            "CKR_SESSION_CLOSED", "CKR_USER_NOT_LOGGED_IN", "CKR_CRYPTOKI_NOT_INITIALIZED",
        ].contains(returnValue?.name)
    }

    /// Whether what was named is to be corrected where it is written.
    package var isMisnamed: Bool {
        if case .misnamed = cause { true } else { false }
    }

    package var description: String { remedy.isEmpty ? what : "\(what). \(remedy)" }

    /// The same without what to do about it.
    var what: String {
        let why =
            switch cause {
            case .returned(let value): "the token answered \(value)"
            case .missingFunction: "the PKCS#11 module does not have this function"
            case .unexpectedAnswer(let what): "unexpected answer: \(what)"
            case .refused(let what), .misnamed(let what): "refused: \(what)"
            case .system(let what): what
            }
        return [function, place.map { " at \($0)" } ?? "", ": ", why].joined()
    }
}

extension PKCS11Error.Cause {
    /// Of a module that fails before it was asked for any token; nil where its code says more.
    fileprivate var remedyAtBeginning: String? {
        guard case .returned(let value) = self,
            ["CKR_DEVICE_ERROR", "CKR_GENERAL_ERROR", "CKR_FUNCTION_FAILED"].contains(value.name)
        else { return nil }
        if let missing = SoftHSMFolder.missing() { return missing + "." }
        return
            "The module could not begin. What it needs to find its tokens is gone or cannot be read, most likely: its "
            + "configuration (of SoftHSM the file that SOFTHSM2_CONF names), or the folder, device or service that this names. "
            + "Behind a token server look on that server's side, and whether it still runs."
    }

    fileprivate var usualRemedy: String {
        switch self {
        case .returned(let value): value.remedy
        case .missingFunction: "Use the vendor's full PKCS#11 2.40 module."
        case .unexpectedAnswer: "Do not go on with this token before its vendor has explained the answer."
        case .refused, .misnamed, .system: ""
        }
    }
}

extension ReturnValue {
    /// What a person can do about the codes that a ceremony meets.
    fileprivate var remedy: String {
        switch name {
        case "CKR_PIN_INCORRECT":
            "Nothing was tried again. Make sure of token and PIN first: wrong PINs lock a token."
        case "CKR_PIN_LOCKED": "The security officer must set a new user PIN."
        case "CKR_PIN_EXPIRED": "Change the PIN with the vendor's tool."
        case "CKR_PIN_LEN_RANGE": "The PIN has a length that this token does not have."
        case "CKR_USER_PIN_NOT_INITIALIZED": "The security officer must set the user PIN first."
        case "CKR_USER_ALREADY_LOGGED_IN", "CKR_USER_ANOTHER_ALREADY_LOGGED_IN", "CKR_USER_TOO_MANY_TYPES":
            "Another session of this program is logged in to the token: log it out first."
        case "CKR_USER_NOT_LOGGED_IN":
            "Nobody is logged in to the token any more: it, or another program, ended that. The next try logs in anew. If it "
                + "happens again, find out who ends it."
        case "CKR_KEY_UNEXTRACTABLE":
            "The token will not let this key leave, not even wrapped: it was made with CKA_EXTRACTABLE false."
        case "CKR_KEY_NOT_WRAPPABLE":
            "The token does not wrap this key so: it wants a wrapping key that is trusted, or of another kind."
        case "CKR_WRAPPING_KEY_HANDLE_INVALID", "CKR_WRAPPING_KEY_TYPE_INCONSISTENT":
            "The wrapping key is not there, or may not wrap."
        case "CKR_MECHANISM_INVALID": "The token does not have this mechanism; see the module's mechanism list."
        case "CKR_MECHANISM_PARAM_INVALID", "CKR_ARGUMENTS_BAD":
            "If this was a wrap: the token does not do RSA-OAEP with SHA-256 and cannot hold this ceremony."
        case "CKR_TEMPLATE_INCONSISTENT", "CKR_TEMPLATE_INCOMPLETE", "CKR_ATTRIBUTE_VALUE_INVALID",
            "CKR_ATTRIBUTE_TYPE_INVALID":
            "The token does not accept this key template; see its vendor's notes on attributes."
        case "CKR_ATTRIBUTE_READ_ONLY", "CKR_ACTION_PROHIBITED": "The object or the token's policy forbids the change."
        case "CKR_SESSION_READ_ONLY", "CKR_TOKEN_WRITE_PROTECTED": "The token is open for reading only."
        case "CKR_SESSION_EXISTS": "Close every session on the token, of other programs too."
        case "CKR_DEVICE_REMOVED", "CKR_TOKEN_NOT_PRESENT", "CKR_SLOT_ID_INVALID":
            "The token is gone, or its slot was renumbered: look it up again by label and serial number."
        case "CKR_DEVICE_ERROR", "CKR_CRYPTOKI_NOT_INITIALIZED":
            "The token failed, or the connection to it. Look at its state, and whether its server or service still runs."
        case "CKR_FUNCTION_FAILED", "CKR_GENERAL_ERROR":
            "The token does not say why. Look at its state and its log before it is asked again."
        case "CKR_SESSION_HANDLE_INVALID", "CKR_SESSION_CLOSED":
            "The token ended the session. Find out why before it is asked again."
        case "CKR_HOST_MEMORY":
            "The machine that the module runs on had no memory left. End other programs there, then try again."
        case "CKR_CANCEL", "CKR_FUNCTION_CANCELED", "CKR_FUNCTION_REJECTED":
            "It was cancelled or refused at the token itself, or nobody answered there in time. Try again when who does that is "
                + "ready."
        case "CKR_SESSION_COUNT", "CKR_SESSION_READ_ONLY_EXISTS", "CKR_SESSION_READ_WRITE_SO_EXISTS":
            "Other sessions are open on the token. Close them, of other programs too, then try again."
        case "CKR_OPERATION_ACTIVE", "CKR_OPERATION_NOT_INITIALIZED":
            "The token was at something else in this session. The next try has a session of its own."
        case "CKR_KEY_HANDLE_INVALID", "CKR_OBJECT_HANDLE_INVALID":
            "The key was there a moment ago. Find out who removed it, or whether the token was changed for another."
        case "CKR_KEY_FUNCTION_NOT_PERMITTED":
            "The key's attributes, or the token's policy, do not let it be used so."
        case "CKR_KEY_SIZE_RANGE", "CKR_CURVE_NOT_SUPPORTED", "CKR_WRAPPING_KEY_SIZE_RANGE",
            "CKR_FUNCTION_NOT_SUPPORTED":
            "The token does not do this with a key of that kind and size; see its vendor's manual."
        case "CKR_FIPS_SELF_TEST_FAILED", "CKR_RANDOM_NO_RNG":
            "The token does not work as it must: use it for nothing before its vendor has looked at it."
        case "CKR_DEVICE_MEMORY": "The token is full: remove objects that are no longer needed."
        case "CKR_TOKEN_NOT_RECOGNIZED": "The token is not initialized, or not of this module."
        case Self.vendorsName: "Look it up in the manual of the token's vendor."
        case Self.unknownName: "Do not go on with this token before its vendor has explained the answer."
        default: ""
        }
    }
}
