package import CryptoPrimitives

/// One event of CloudTrail's, as far as it tells who did what to which key.
///
/// What it holds comes from outside: it is bounded, and every text of it is percent-encoded, so that texts are equal
/// only where their bytes are, and can be shown.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
package struct AWSEvent: Hashable, Sendable {
    /// KMS, as events name it.
    package static let kms = "kms.amazonaws.com"
    /// Who did what a service does by itself, as events name it.
    static let itself = "AWS Internal"

    /// Unique to the event: one that is delivered twice has the same.
    package let id: String
    package let name: String
    /// The service, such as `kms.amazonaws.com`.
    package let source: String
    package let at: Timestamp
    package let region: String
    /// The account in whose trail it stands.
    package let account: String?
    /// Absent where a service did it by itself.
    package let request: String?
    /// The caller's ARN, or the service that did it.
    package let caller: String
    /// Who of IAM Identity Center it is, where the record has no ARN of the caller: the id in its store, and the store's ARN;
    /// to be shown, and looked at by no rule.
    package let person: String?
    /// The service by way of which the caller made it, if it was one; or that did it by itself.
    package let invokedBy: String?
    /// AWS's name of the error, where it was refused.
    package let error: String?
    /// Every key and alias that it names: ARNs, key ids, alias names.
    package let subjects: Set<String>
    /// The key material that it names.
    package let materials: Set<String>
    package let importType: String?
    /// When imported material was asked to expire.
    package let expiry: ToldExpiry
    /// The event's own bytes, as AWS wrote them; not percent-encoded.
    package let text: [UInt8]
    /// Their SHA-256.
    package let digest: SHA256Digest

    /// The caller, with the service by way of which it was.
    package var shownCaller: String {
        let shown = person ?? caller
        return invokedBy.map { $0 == shown ? shown : "\(shown), by way of \($0)" } ?? shown
    }

    /// What an event says, however it is written: an export may have been through other hands.
    struct Told: Hashable, Sendable {
        let texts: [String?]
        let at: Timestamp
        let subjects: Set<String>
        let materials: Set<String>
    }

    /// What is looked at by these rules.
    func told(by rules: ReconciliationRules) -> Told {
        Told(
            texts: [
                id, name, source, region, account, request, caller, invokedBy, error, importType,
                rules.areAboutExpiry ? expiry.text : nil,
            ], at: at, subjects: subjects, materials: materials)
    }
}
