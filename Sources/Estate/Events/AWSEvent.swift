package import CryptoPrimitives
package import Evidence

/// One event of CloudTrail's, as far as it tells who did what to which key.
///
/// What it holds comes from outside: it is bounded, and must be made fit for a screen wherever it is shown.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
package struct AWSEvent: Hashable, Sendable {
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
    /// AWS's name of the error, where it was refused.
    package let error: String?
    /// Every key and alias that it names: ARNs, key ids, alias names.
    package let subjects: Set<String>
    /// The key material that it names.
    package let materials: Set<String>
    package let importType: String?
    /// The SHA-256 of the event's own bytes.
    package let digest: SHA256Digest
}
