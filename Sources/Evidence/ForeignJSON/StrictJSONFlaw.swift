/// Why bytes are no JSON that is read.
package struct StrictJSONFlaw: Error, Hashable, Sendable {
    /// Why a text is no such JSON.
    package enum Reason: Hashable, Sendable {
        /// It is none, by RFC 8259.
        case malformed(String)
        /// Deeper than this.
        case tooDeep(Int)
        /// A name stands twice in one object.
        case twice(String)
    }

    /// The byte, from 0.
    package let position: Int
    package let reason: Reason
}
