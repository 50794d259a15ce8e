import AWS
import Synchronization
import Testing

@Suite("Listings that do not end")
struct EndlessPagesTests {
    private struct Page: Decodable, Sendable {
        let next: String
    }

    /// A service whose every page names another one.
    private final class Liar: ServiceCaller {
        let endpoint: Endpoint
        let asked = Mutex(0)
        private let token: @Sendable (Int) -> String

        init(_ token: @escaping @Sendable (Int) -> String) throws {
            endpoint = try Endpoint("https://example.com")
            self.token = token
        }

        func answer<Output>(to call: ServiceCall<Output>) async throws -> Output {
            let count = asked.withLock { asked in
                asked += 1
                return asked
            }
            return try call.output(from: Array(#"{"next":"\#(token(count))"}"#.utf8))
        }
    }

    private static let listing = Listing(
        ServiceCall<Page>(Service("x", .json(version: .v11, targetPrefix: "X")), "ListThings"), marker: "NextToken",
        next: \.next, entries: { [$0.next] })

    @Test("a page that names one that was read already ends its listing with why, at once or after others")
    func again() async throws {
        for (period, pages) in [(1, 2), (3, 4)] {
            let liar = try Liar { "t\($0 % period)" }
            let error = await #expect(throws: AWSError.self) { try await liar.eachPage(of: Self.listing) { _ in } }
            #expect(error?.description.contains("a page that is not the last leads nowhere new") == true)
            #expect(liar.asked.withLock { $0 } == pages)
        }
    }

    @Test("one that names ever new pages ends after the most that are read, and says how many")
    func ever() async throws {
        let liar = try Liar { "t\($0)" }
        var entries = 0
        let error = await #expect(throws: AWSError.self) {
            try await liar.eachPage(of: Self.listing, most: 7) { entries += $0.count }
        }
        #expect(error?.description.contains("it went on after 7 pages; no more are read") == true, "\(error as Any)")
        #expect(entries == 7 && Pages.most == 100_000)
    }
}
