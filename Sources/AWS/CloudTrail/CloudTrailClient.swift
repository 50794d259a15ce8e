/// AWS CloudTrail, as far as one needs it to hold one's own record against AWS's.
///
/// What it brings is data from outside: each page and each event is bounded, and nothing is believed of an event's text.
package struct CloudTrailClient: Sendable {
    /// LookupEvents a second, by account and Region; AWS does not adjust it.
    ///
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
    package static let lookupsPerSecond = 2
    /// A page of the longest events there are, with room for JSON's escapes.
    private static let longestAnswer = 32 << 20
    /// Pages of a question, at AWS's pace a day and a half of them.
    private static let mostPages = 1 << 18
    /// Events that are gathered in memory; who expects more takes them page by page.
    package static let mostGathered = 1_000_000
    /// More bytes than a token that leads to a page has.
    private static let longestToken = 16 << 10

    private let client: AWSClient
    /// Waits for a lookup's turn.
    private let turn: @Sendable () async throws -> Void

    /// - Parameter share: How much of the quota is taken, in percent; few others look anything up.
    /// - Throws: `AWSError.configuration`.
    package init(_ configuration: AWSClient.Configuration, share: Int = 100) throws {
        let pace = Pace(perSecond: Self.lookupsPerSecond, share: share, clock: ContinuousClock())
        try self.init(configuration) { try await pace.turn() }
    }

    /// - Parameter turn: Waits for a lookup's turn, where that is not AWS's.
    /// - Throws: `AWSError.configuration`.
    package init(
        _ configuration: AWSClient.Configuration, turn: @escaping @Sendable () async throws -> Void
    ) throws {
        client = try AWSClient(service: CloudTrailWire.service, configuration: configuration)
        self.turn = turn
    }

    package var endpoint: Endpoint { client.endpoint }

    /// One page, when its turn has come.
    ///
    /// - Throws: `AWSError`; `.unanswered` for a page or an event beyond AWS's own limits.
    package func lookupEvents(_ input: LookupEvents.Input) async throws -> AWSAnswer<LookupEvents.Output> {
        let request = ServiceRequest(
            operation: LookupEvents.name, isIdempotent: true,
            headers: [
                .init("Content-Type", KMSWire.contentType),
                .init("X-Amz-Target", CloudTrailWire.targetPrefix + LookupEvents.name),
            ],
            body: try KMSWire.encode(input), errorFormat: .json, answerLimit: Self.longestAnswer)
        try await turn()
        let answer: AWSAnswer<LookupEvents.Output> = try await client.ask(request)
        if let excess = Self.excess(of: answer.output, asked: input) {
            throw client.lost(
                request, "the answer has \(excess); request \(answer.requestID ?? "without id")")
        }
        return answer
    }

    /// Everything that a question finds, page by page, from the newest event to the oldest.
    ///
    /// - Parameter take: Gets each page's events, none of an empty page; what it throws ends the lookup.
    /// - Throws: `AWSError`; `.unanswered` when the pages have no end.
    package func eachPage(of input: LookupEvents.Input, _ take: ([LookedUpEvent]) async throws -> Void) async throws {
        var seen: Set<String> = []
        var question = input
        while true {
            let page = try await lookupEvents(question).output
            try await take(page.events)
            guard let next = page.nextToken else { return }
            guard seen.count < Self.mostPages else {
                throw AWSError.unanswered(
                    operation: LookupEvents.name, endpoint: endpoint, reason: "\(seen.count) pages have no end")
            }
            guard seen.insert(next).inserted else {
                throw AWSError.unanswered(
                    operation: LookupEvents.name, endpoint: endpoint, reason: "a page leads back to one before it")
            }
            question = input.page(next)
        }
    }

    /// Everything that a question finds, newest first.
    ///
    /// - Parameter limit: The most events that are gathered.
    /// - Throws: As `eachPage`; `.unanswered` for more events than that.
    package func allEvents(
        _ input: LookupEvents.Input, limit: Int = mostGathered
    ) async throws -> [LookedUpEvent] {
        var all: [LookedUpEvent] = []
        try await eachPage(of: input) { page in
            guard all.count + page.count <= limit else {
                throw AWSError.unanswered(
                    operation: LookupEvents.name, endpoint: endpoint, reason: "there are more than \(limit) events")
            }
            all += page
        }
        return all
    }

    private static func excess(of page: LookupEvents.Output, asked input: LookupEvents.Input) -> String? {
        guard page.events.count <= input.maxResults ?? LookupEvents.longestPage else {
            return "\(page.events.count) events in a page"
        }
        if let token = page.nextToken, !(1...longestToken).contains(token.utf8.count) {
            return "a token of \(token.utf8.count) bytes"
        }
        return page.events.lazy.compactMap(\.excess).first
    }
}
