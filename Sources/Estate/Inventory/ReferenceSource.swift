package import AWS

/// How one service tells what of it refers to keys. Another service is another of these, in a file of its own.
package struct ReferenceSource: Sendable {
    package let service: Service
    /// All that it is asked: nothing else can be, and a reader's policy allows just that.
    let operations: Set<String>
    /// Whether what names an alias takes another key when that is moved. Else the alias was resolved once.
    let followsAliases: Bool
    let read: @Sendable (inout ServiceLook) async throws -> Void

    package static let all: [ReferenceSource] = [
        .dynamoDB, .ec2, .efs, .logs, .rds, .s3, .secretsManager, .sns, .sqs,
    ]

    /// The alias of the key that AWS manages for the service.
    var defaultAlias: String { "alias/aws/\(service.name)" }
}
