package import CryptoPrimitives

/// A key policy as evidence has it.
package struct PolicyText: Hashable, Sendable {
    /// The whole document, percent-encoded.
    package let text: String
    /// The SHA-256 of the document itself.
    package let digest: SHA256Digest

    /// - Parameter document: As KMS has it.
    package init(_ document: String) {
        text = PercentEncoding.encode(document)
        digest = SHA256Digest(of: Array(document.utf8))
    }

    fileprivate init(of settings: KeySettings) {
        text = settings.policy
        digest = settings.policyDigest
    }
}

extension KeySettings {
    package var policyText: PolicyText { PolicyText(of: self) }
}

extension Difference {
    /// How a key policy is otherwise than another, by digest and by its lines; nothing when it is not.
    ///
    /// - Parameter what: Whose policy it is, as `key policy`.
    package static func ofPolicy(
        _ what: String, slot: String, planned: PolicyText, observed: PolicyText
    ) -> [Difference] {
        guard planned != observed else { return [] }
        let lines = LineDifference(planned: planned.text, observed: observed.text)
        return [
            Difference(slot: slot, what: what, planned: planned.digest.hex, observed: observed.digest.hex),
            Difference(slot: slot, what: "lines of the \(what)", planned: lines.planned, observed: lines.observed),
        ]
    }

    /// The same where the plan has no more of the policy than its digest: the whole of what it is today.
    package static func ofPolicy(
        _ what: String, slot: String, planned: SHA256Digest, observed: PolicyText
    ) -> [Difference] {
        guard planned != observed.digest else { return [] }
        return [
            Difference(slot: slot, what: what, planned: planned.hex, observed: observed.digest.hex),
            Difference(
                slot: slot, what: "text of the \(what)", planned: "the plan has its SHA-256 alone",
                observed: observed.text),
        ]
    }
}
