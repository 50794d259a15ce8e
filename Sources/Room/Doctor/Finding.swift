/// What one examination found.
package struct Finding: Codable, Hashable, Sendable {
    /// How it ended; only `fail` keeps a ceremony from being held.
    package enum Result: String, Codable, Sendable {
        case pass
        /// A ceremony can be held, with less protection or less certainty than there might be.
        case warn
        /// No ceremony can be held before it is mended.
        case fail
        /// It could not be tried, so nothing is said for it.
        case unknown
        /// AWS computed from some of the rules what it would say; others apply besides.
        case simulated
        /// One program's word for another: it was not looked at itself.
        case asserted
    }

    /// What was examined, in a few words; the same words in every run.
    package let check: String
    package let result: Result
    /// What was seen.
    package let detail: String
    /// What to do; absent for what passed.
    package let remedy: String?

    package init(_ check: String, _ result: Result, _ detail: String, remedy: String? = nil) {
        self.check = check
        self.result = result
        self.detail = detail
        self.remedy = remedy
    }
}
