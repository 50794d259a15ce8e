/// A question that is answered in pages.
package struct Listing<Output: Decodable & Sendable, Entry: Sendable>: Sendable {
    package let call: ServiceCall<Output>
    /// The parameter that names where a page starts.
    let marker: String
    /// Where the page after an answer starts; nil or empty after the last.
    let next: @Sendable (Output) -> String?
    /// Whether an answer says itself that more follows; it must name where, then.
    let isTruncated: @Sendable (Output) -> Bool
    let entries: @Sendable (Output) -> [Entry]

    /// - Parameters:
    ///   - call: The question for the first page.
    ///   - marker: The parameter that names where a page starts.
    ///   - next: Where the page after an answer starts; nil or empty after the last.
    ///   - isTruncated: Whether an answer says itself that more follows; of most services none does.
    package init(
        _ call: ServiceCall<Output>, marker: String, next: @escaping @Sendable (Output) -> String?,
        isTruncated: @escaping @Sendable (Output) -> Bool = { _ in false },
        entries: @escaping @Sendable (Output) -> [Entry]
    ) {
        self.call = call
        self.marker = marker
        self.next = next
        self.isTruncated = isTruncated
        self.entries = entries
    }
}
