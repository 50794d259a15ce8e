/// Turns pages until one says that it is the last. A page may be empty and still not be the last.
package enum Pages {
    /// Whether more follows.
    enum Mark {
        case last
        /// Where the next page starts.
        case next(String)

        /// As services have it that name a next page only where there is one.
        init(_ token: String?) {
            self = token.flatMap { $0.isEmpty ? nil : .next($0) } ?? .last
        }
    }

    /// So many pages of one listing are read. Of keys that is a hundred million.
    package static let most = 100_000

    /// - Parameters:
    ///   - most: After so many pages it ends.
    ///   - turn: Brings the page that starts at a mark; at nil, the first.
    ///   - take: Gets each page's entries; what it throws ends it.
    /// - Throws: What `turn` and `take` throw; `AWSError.unanswered` when the pages have no end.
    static func each<Entry>(
        of operation: String, at endpoint: Endpoint, most: Int = most,
        _ turn: (String?) async throws -> ([Entry], Mark),
        _ take: ([Entry]) async throws -> Void
    ) async throws {
        // Each page but the last names one.
        var seen: Set<String> = []
        var mark: String?
        while true {
            let (entries, following) = try await turn(mark)
            try await take(entries)
            guard case .next(let next) = following else { return }
            func endless(_ reason: String) -> AWSError {
                .unanswered(operation: operation, endpoint: endpoint, reason: reason)
            }
            guard !next.isEmpty, seen.insert(next).inserted else {
                throw endless("a page that is not the last leads nowhere new")
            }
            guard seen.count < most else { throw endless("it went on after \(most) pages; no more are read") }
            mark = next
        }
    }
}
