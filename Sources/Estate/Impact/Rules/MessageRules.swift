extension ImpactRule {
    private static let reuse = RuleSource.documented(
        "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html", checked: "2026-11-27")
    private static let attributes = RuleSource.documented(
        "AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html", checked: "2026-11-27")
    private static let topic = "sns/latest/api/API_SetTopicAttributes.html"

    static let sqs = ImpactRule(
        id: "sqs.queue", title: "SQS queues", service: "sqs", type: "AWS::SQS::Queue",
        setting: .named("KmsMasterKeyId"),
        rotate: ImpactEffect(
            "New messages use the new material once the data key's reuse period is over (5 minutes, at most a day).",
            stays: "Messages in the queue, at most 14 days.", grade: .none, sources: reuse, attributes),
        replaceFollowing: ImpactEffect(
            "New messages use the new key once the alias is moved and the data key's reuse period is over.",
            stays: "Messages in the queue, at most 14 days.",
            steps: ["let producers and consumers use the new key before, and the old one until the queue is drained"],
            grade: .low, sources: reuse,
            .inferred("AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html", checked: "2026-11-27")
        ),
        replacePinned: ImpactEffect(
            "New messages come under the old key until the queue's key is changed.",
            stays: "Messages in the queue, at most 14 days.",
            steps: [
                "let producers and consumers use the new key",
                "SetQueueAttributes with KmsMasterKeyId; keep the old key until the queue is drained",
            ], grade: .low, sources: reuse, attributes),
        quantities: [:])

    static let sns = ImpactRule(
        id: "sns.topic", title: "SNS topics", service: "sns", type: "AWS::SNS::Topic",
        setting: .named("KmsMasterKeyId"),
        rotate: ImpactEffect(
            "New messages use the new material.", stays: "Messages under way, until they are delivered or given up.",
            grade: .none, sources: .inferred(topic, checked: "2026-11-27")),
        replaceFollowing: ImpactEffect(
            "New messages use the new key once the alias is moved.",
            stays: "Messages under way, until they are delivered or given up.",
            steps: ["let publishers, and services that publish, use the new key before"], grade: .low,
            sources: .inferred(topic, checked: "2026-11-27")),
        replacePinned: ImpactEffect(
            "New messages come under the old key until the topic's key is changed.",
            stays: "Messages under way, until they are delivered or given up.",
            steps: [
                "let publishers, and services that publish, use the new key",
                "SetTopicAttributes with KmsMasterKeyId; keep the old key until what is under way is delivered",
            ], grade: .low, sources: .documented(topic, checked: "2026-11-27")),
        quantities: [:])
}
