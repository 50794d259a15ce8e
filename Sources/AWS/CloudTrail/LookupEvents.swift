/// Looks up what happened in an account and Region in the last 90 days, newest first.
///
/// Shapes follow AWS's service model (`cloudtrail-2013-11-01`).
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>
package enum LookupEvents {
    package static let name = "LookupEvents"
    /// The most events of a page, and how many there are unless fewer are asked for.
    package static let longestPage = 50
    /// How far back it tells of events, in seconds: 90 days.
    package static let reach: Int64 = 90 * 86_400

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// AWS takes one at most.
        package let lookupAttributes: [LookupAttribute]?
        /// The first moment that counts.
        package let startTime: Timestamp?
        /// The last moment that counts.
        package let endTime: Timestamp?
        /// `insight` for what Insights found in place of what happened.
        package let eventCategory: String?
        /// 1 to 50.
        package let maxResults: Int?
        /// Of the page before; it belongs to a question with the same members.
        package let nextToken: String?

        package init(
            attribute: LookupAttribute? = nil, startTime: Timestamp? = nil, endTime: Timestamp? = nil,
            maxResults: Int? = nil, nextToken: String? = nil
        ) {
            lookupAttributes = attribute.map { [$0] }
            self.startTime = startTime
            self.endTime = endTime
            eventCategory = nil
            self.maxResults = maxResults
            self.nextToken = nextToken
        }

        private init(_ other: Input, nextToken: String) {
            lookupAttributes = other.lookupAttributes
            startTime = other.startTime
            endTime = other.endTime
            eventCategory = other.eventCategory
            maxResults = other.maxResults
            self.nextToken = nextToken
        }

        /// The same question for the page that a token leads to.
        func page(_ nextToken: String) -> Input { Input(self, nextToken: nextToken) }

        private enum CodingKeys: String, CodingKey {
            case lookupAttributes = "LookupAttributes"
            case startTime = "StartTime"
            case endTime = "EndTime"
            case eventCategory = "EventCategory"
            case maxResults = "MaxResults"
            case nextToken = "NextToken"
        }
    }

    /// What CloudTrail answers.
    package struct Output: Codable, Hashable, Sendable {
        /// Newest first.
        package let events: [LookedUpEvent]
        /// Leads to the next page; nil on the last.
        package let nextToken: String?

        package init(events: [LookedUpEvent], nextToken: String? = nil) {
            self.events = events
            self.nextToken = nextToken
        }

        private enum CodingKeys: String, CodingKey {
            case events = "Events"
            case nextToken = "NextToken"
        }
    }
}
