/// What one examination before the first key found, as evidence has it.
package struct RecordedFinding: Codable, Hashable, Sendable {
    /// What it says for the ceremony. What says that none can be held stops it, and stands in no evidence.
    package enum Result: String, Codable, Hashable, Sendable {
        case pass
        /// There is less protection, or less certainty, than there might be.
        case warn
        /// It could not be tried: nothing is said for it.
        case unknown
        /// AWS computed from some of the rules what it would say.
        case simulated
        /// One program's word for another.
        case asserted
    }

    /// What was examined, percent-encoded; the same words in every run.
    package let check: String
    package let result: Result
    /// What was seen, percent-encoded; absent where all is well.
    package let detail: String?

    package init(check: String, result: Result, detail: String?) {
        self.check = check
        self.result = result
        self.detail = detail
    }
}
