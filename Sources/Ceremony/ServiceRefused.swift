/// A service's definite refusal of an effect: it did not happen.
package struct ServiceRefused: Error, Hashable, Sendable, CustomStringConvertible {
    /// The service's name of the error, such as `ExpiredImportTokenException`.
    package let code: String
    package let request: String?
    /// What the service said, for people.
    package let what: String

    package init(code: String, request: String?, what: String) {
        self.code = code
        self.request = request
        self.what = what
    }

    /// What KMS says of a wrapping key, token or blob that it will never take; anything else may be mended and tried
    /// again with the same ones.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html>
    package static let ofSpentParameters: Set = [
        "ExpiredImportTokenException", "InvalidImportTokenException", "InvalidCiphertextException",
    ]

    /// What to do about it.
    package var remedy: String {
        switch code {
        case _ where Self.ofSpentParameters.contains(code):
            "Run again: it fetches a new wrapping key and token, and asks for a new release"
        case "IncorrectKeyMaterialException":
            "KMS holds other material than this. Find out whose it is before running again"
        case "KMSInvalidStateException", "DisabledException", "NotFoundException":
            "Look at the key in KMS, bring it back to what the plan found, then run again"
        case "AccessDeniedException": "Give the caller what it lacks, then run again"
        case "LimitExceededException": "A limit of the key or the account is reached; raise it, or plan another key"
        case "ThrottlingException": "Run again in a minute"
        default: "Mend what it says, then run again"
        }
    }

    package var description: String { "\(what). Nothing took effect, and the refusal is on record. \(remedy)" }
}
