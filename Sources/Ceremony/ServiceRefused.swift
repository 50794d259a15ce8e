import Evidence

/// A service's definite refusal of an effect: it did not happen.
package struct ServiceRefused: Error, Hashable, Sendable, CustomStringConvertible {
    /// The service's name of the error, such as `ExpiredImportTokenException`.
    package let code: String
    package let request: String?
    /// What the service said, for people.
    package let what: String
    /// An earlier call that may have had its effect all the same; nil where there is none.
    package private(set) var earlier: EarlierCall?

    package init(code: String, request: String?, what: String) {
        self.code = code
        self.request = request
        self.what = what
    }

    /// The same, of a service that may have done all the same what it was asked for before.
    func after(_ earlier: EarlierCall) -> ServiceRefused {
        var refused = self
        refused.earlier = earlier
        return refused
    }

    /// What KMS says of a wrapping key, token or blob that it will never take; anything else may be mended and tried
    /// again with the same ones.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html>
    package static let ofSpentParameters: Set = [
        "ExpiredImportTokenException", "InvalidImportTokenException", "InvalidCiphertextException",
    ]

    /// Whether a refusal leaves open what an earlier call for the same effect did: KMS says it of what it did once
    /// already, or says nothing about the effect at all.
    func leavesOpen(_ intent: Event) -> Bool {
        if ["ThrottlingException", "RequestLimitExceeded"].contains(code) { return true }
        return switch intent {
        case .importIntended: ["IncorrectKeyMaterialException", "KMSInvalidStateException"].contains(code)
        case .rotateIntended: ["KMSInvalidStateException", "LimitExceededException"].contains(code)
        case .aliasIntended: code == "AlreadyExistsException"
        case .revokeIntended: ["NotFoundException", "KMSInvalidStateException"].contains(code)
        default: false
        }
    }

    /// The line that closes the intent.
    ///
    /// - Parameter isUnknown: Whether an earlier call for the same may have had the effect, and does not show.
    func onRecord(afterUnknown isUnknown: Bool) -> Event {
        .refused(Refused(code: code, request: request, earlierCall: isUnknown ? true : nil))
    }

    /// What people are told while it is not known which of the two it is: it is not on record then.
    var leavingOpen: CeremonyError {
        CeremonyError(
            .state, what,
            remedy:
                "An earlier call brought no answer, and what that did may be why; KMS does not show it. Run again in a few "
                + "minutes: it is looked up before anything is done again. Change nothing at the key until then. If it stays "
                + "so for an hour, end the ceremony, and have the key looked at")
    }

    /// What to do about it.
    package var remedy: String { Self.remedy(for: code) }

    /// What to do about a refusal of that name.
    package static func remedy(for code: String) -> String {
        switch code {
        case _ where ofSpentParameters.contains(code):
            "Run again: it fetches a new wrapping key and token, and asks for a new release"
        case "IncorrectKeyMaterialException":
            "The key has this very material already, or this is not the material that it should be. Look at its materials (aws "
                + "kms list-key-rotations --include-key-material ALL_KEY_MATERIAL --key-id KEY) and at who imported them "
                + "(ImportKeyMaterial in CloudTrail). Activate nothing until then. If nobody else imported anything, run "
                + "again. If somebody did, or KMS says this once more, end this ceremony, and freeze a new plan"
        case "KMSInvalidStateException", "DisabledException":
            "In the state that the key is in, KMS does not do this. Look at its KeyState (aws kms describe-key --key-id KEY), "
                + "and find out who changed it. Disabled: it is enabled again with kms:EnableKey. PendingDeletion: with "
                + "kms:CancelKeyDeletion, kms:EnableKey. PendingImport: once exactly the material that is gone is imported "
                + "again. Then run again"
        case "NotFoundException":
            "KMS says that there is no such key or material (any more). Look at what it names, in this account and Region: "
                + "what was deleted just now may show for some minutes, what was just made may not show yet. Bring it back "
                + "to what the plan found, then run again"
        case "AccessDeniedException", "AccessDenied": "Give the caller what it lacks, then run again"
        case "LimitExceededException":
            "The 25 on-demand rotations of a key are never more: plan a new key, strategy replace. Any other limit can be "
                + "raised: then run again"
        case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
            "The session ended. Sign in again, or get new credentials where these came from, then run again"
        case "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure":
            "AWS does not take this access key here: it was deleted or is off, its session token is missing, it is another "
                + "partition's, or the Region is not enabled. Look which profile or variables it is from, then run again"
        case "SignatureDoesNotMatch", "InvalidSignatureException", "RequestTimeTooSkewed":
            "The secret access key is not this access key id's, or this machine's clock is wrong. Mend that, then run again"
        case "ThrottlingException", "RequestLimitExceeded":
            "Others make calls in the account at its quota's pace. Run again in a minute, or have the quota raised"
        case "ServiceUnavailableException", "InternalFailure", "KMSInternalException", "DependencyTimeoutException",
            "KeyUnavailableException":
            "It is the service's own trouble. Run again in a minute"
        default: "Mend what it says, then run again"
        }
    }

    package var description: String {
        "\(what). \(earlier.map { "\($0)" } ?? "Nothing took effect"), and the refusal is on record. \(remedy)"
    }
}
