import AWS
import Estate
import Foundation

/// A service that answers from what the test says.
struct CannedCaller: ServiceCaller {
    let endpoint: Endpoint
    let region: String
    /// By service, Region, operation and what stands for the page or the resource; nil for nothing at all.
    let answer: @Sendable (_ region: String, _ operation: String, _ parameters: [String: CallValue]) throws -> String?

    /// Whether it takes its time, another each time.
    var dawdles = false

    func answer<Output>(to call: ServiceCall<Output>) async throws -> Output {
        if dawdles { try await Task.sleep(for: .microseconds(Int.random(in: 0...2_000))) }
        var parameters = call.parameters
        parameters["bucket"] = call.bucket.map(CallValue.text)
        let body = try answer(region, call.operation, parameters) ?? Self.empty[call.operation]
        guard let body else { throw CannedCaller.refusal("NotFoundException", call.operation) }
        do { return try call.output(from: Array(body.utf8)) } catch {
            throw AWSError.unanswered(operation: call.operation, endpoint: endpoint, reason: "as a client has it")
        }
    }

    static func refusal(_ code: String, _ operation: String, _ message: String = "", status: Int = 400) -> AWSError {
        .service(
            ServiceError(operation: operation, code: .init(rawValue: code), message: message, status: status))
    }

    /// An account as Organizations has it.
    static func organization(_ status: String, id: String) throws -> Organization.Account {
        try JSONDecoder().decode(
            Organization.Account.self, from: Data(#"{"Id":"\#(id)","Arn":"arn:o","Status":"\#(status)"}"#.utf8))
    }

    /// Of an account that has nothing.
    static let empty: [String: String] = {
        var empty = [
            "ListAliases": #"{"Aliases":[],"Truncated":false}"#, "ListKeys": #"{"Keys":[],"Truncated":false}"#,
            "GetKeyLastUsage": "{}", "ListTables": #"{"TableNames":[]}"#, "ListBackups": #"{"BackupSummaries":[]}"#,
            "ListSecrets": #"{"SecretList":[]}"#, "DescribeLogGroups": #"{"logGroups":[]}"#, "ListQueues": "{}",
            "DescribeFileSystems": #"{"FileSystems":[]}"#,
            "ListTopics": "<ListTopicsResponse><ListTopicsResult><Topics/></ListTopicsResult></ListTopicsResponse>",
            "DescribeVolumes": "<DescribeVolumesResponse><volumeSet/></DescribeVolumesResponse>",
            "DescribeSnapshots": "<DescribeSnapshotsResponse><snapshotSet/></DescribeSnapshotsResponse>",
            "GetEbsDefaultKmsKeyId": """
            <GetEbsDefaultKmsKeyIdResponse><kmsKeyId>alias/aws/ebs</kmsKeyId></GetEbsDefaultKmsKeyIdResponse>
            """,
            "ListBuckets": "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>",
        ]
        for list in [
            "DBInstances", "DBClusters", "DBSnapshots", "DBClusterSnapshots", "DBInstanceAutomatedBackups",
            "DBClusterAutomatedBackups",
        ] {
            let name = "Describe\(list)"
            empty[name] = "<\(name)Response><\(name)Result><\(list)/></\(name)Result></\(name)Response>"
        }
        return empty
    }()
}
