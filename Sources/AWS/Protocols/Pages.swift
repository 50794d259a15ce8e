/// Turns pages until one says that it is the last. A page may be empty and still not be the last.
enum Pages {
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

    /// At a page a second, some days of them.
    private static let most = 1 << 18

    /// - Parameters:
    ///   - turn: Brings the page that starts at a mark; at nil, the first.
    ///   - take: Gets each page's entries; what it throws ends it.
    /// - Throws: What `turn` and `take` throw; `AWSError.unanswered` when the pages have no end.
    static func each<Entry>(
        of operation: String, at endpoint: Endpoint, _ turn: (String?) async throws -> ([Entry], Mark),
        _ take: ([Entry]) async throws -> Void
    ) async throws {
        var seen: Set<String> = []
        var mark: String?
        while true {
            let (entries, following) = try await turn(mark)
            try await take(entries)
            guard case .next(let next) = following else { return }
            guard !next.isEmpty, seen.count < most, seen.insert(next).inserted else {
                throw AWSError.unanswered(
                    operation: operation, endpoint: endpoint, reason: "a page that is not the last leads nowhere new")
            }
            mark = next
        }
    }
}
