/// Who asks a service, in one account and Region.
package protocol ServiceCaller: Sendable {
    var endpoint: Endpoint { get }

    /// - Throws: `AWSError`; `CancellationError`.
    func answer<Output>(to call: ServiceCall<Output>) async throws -> Output
}

extension ServiceCaller {
    /// Every page of a listing.
    ///
    /// - Parameters:
    ///   - most: After so many pages it ends.
    ///   - take: Gets each page's entries; what it throws ends the listing.
    /// - Throws: `AWSError`; `.unanswered` when the pages have no end.
    package func eachPage<Output, Entry>(
        of listing: Listing<Output, Entry>, most: Int = Pages.most, _ take: ([Entry]) async throws -> Void
    ) async throws {
        try await Pages.each(
            of: listing.call.operation, at: endpoint, most: most,
            { mark in
                let call = mark.map { listing.call.with(listing.marker, $0) } ?? listing.call
                let page = try await answer(to: call)
                let next = listing.next(page) ?? ""
                return (listing.entries(page), listing.isTruncated(page) ? .next(next) : Pages.Mark(next))
            }, take)
    }
}
