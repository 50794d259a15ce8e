import AWS

extension ReferenceSource {
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html>
    static let sqs: Self = Self(
        service: Service("sqs", .json(version: .v10, targetPrefix: "AmazonSQS"), otherwise: .assumed(100)),
        operations: ["ListQueues", "GetQueueAttributes"], followsAliases: true
    ) { look in
        // Without MaxResults there are no pages, and no more than a thousand queues.
        let queues = Listing(
            ServiceCall<Queues>(sqs.service, "ListQueues", ["MaxResults": .number(1000)]), marker: "NextToken",
            next: \.next, entries: { $0.urls ?? [] })
        try await look.each(of: queues) { url, look in
            let call = ServiceCall<Attributes>(
                sqs.service, "GetQueueAttributes",
                ["QueueUrl": .text(url), "AttributeNames": .list(["QueueArn", "KmsMasterKeyId"])])
            let arn = look.place.arn("sqs", url.split(separator: "/").last.map(String.init) ?? url)
            guard let answer = try await look.ask(call, of: arn) else { return }
            look.add(
                "AWS::SQS::Queue", answer.attributes?["QueueArn"] ?? arn, "KmsMasterKeyId",
                answer.attributes?["KmsMasterKeyId"])
        }
    }
}

private struct Queues: Decodable, Sendable {
    /// Absent where there are none.
    let urls: [String]?
    let next: String?

    private enum CodingKeys: String, CodingKey {
        case urls = "QueueUrls"
        case next = "NextToken"
    }
}

private struct Attributes: Decodable, Sendable {
    let attributes: [String: String]?

    private enum CodingKeys: String, CodingKey { case attributes = "Attributes" }
}
