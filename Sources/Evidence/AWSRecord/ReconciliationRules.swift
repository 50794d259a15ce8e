/// By which rules a transcript is held to AWS's record. What is on record is judged by those of its format, for ever.
package enum ReconciliationRules: String, Sendable {
    /// When what is imported expires is not looked at.
    case first = "keyrite.reconciliation/1"
    case current = "keyrite.reconciliation/2"

    /// Whether an import's event must have the expiry that people signed.
    var areAboutExpiry: Bool { self != .first }
}
