import AWS

extension ReferenceSource {
    /// <https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html>
    static let sns: Self = Self(
        service: Service(
            "sns", .query(version: "2010-03-31"),
            quotas: ["ListTopics": .stated(30, "sns/latest/api/API_ListTopics.html", checked: "2026-11-28")],
            otherwise: .assumed(50)),
        operations: ["ListTopics", "GetTopicAttributes"], followsAliases: true
    ) { look in
        let topics = Listing(
            ServiceCall<Topics>(sns.service, "ListTopics"), marker: "NextToken", next: \.next,
            entries: { $0.topics.member })
        try await look.each(of: topics) { topic, look in
            let call = ServiceCall<Attributes>(sns.service, "GetTopicAttributes", ["TopicArn": .text(topic.arn)])
            guard let answer = try await look.ask(call, of: topic.arn) else { return }
            look.add("AWS::SNS::Topic", topic.arn, "KmsMasterKeyId", answer.attributes["KmsMasterKeyId"])
        }
    }
}

private struct Topics: Decodable, Sendable {
    struct Topic: Decodable, Sendable {
        let arn: String

        private enum CodingKeys: String, CodingKey { case arn = "TopicArn" }
    }
    let topics: Members<Topic>
    let next: String?

    private enum CodingKeys: String, CodingKey {
        case topics = "Topics"
        case next = "NextToken"
    }
}

private struct Attributes: Decodable, Sendable {
    let attributes: Entries

    private enum CodingKeys: String, CodingKey { case attributes = "Attributes" }
}
