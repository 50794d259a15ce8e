import AWS
import Estate
import Evidence
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("What is kept of an inventory that is being read")
struct PartsFolderTests {
    private static let account = "111122223333"
    private static let began = Evidence.Timestamp(epochSeconds: 1_782_907_200)

    private static func question(
        _ region: String = "eu-central-1", by caller: String = "arn:aws:sts::111122223333:assumed-role/look/monday"
    ) -> PartsQuestion {
        PartsQuestion(
            endpoint: "https://kms.example", site: "eu-central-1", caller: caller, account: account, roles: [],
            organization: nil,
            regions: [region])
    }

    private static func parts(
        _ path: String, _ question: PartsQuestion = question(), meeting wish: PartsFolder.Wish = .takeOver,
        after seconds: Int64 = 0
    ) throws -> PartsFolder {
        try PartsFolder(at: path, for: question, meeting: wish) { began.advanced(bySeconds: seconds) }
    }

    /// Reads an account with one queue, and counts whom it asks.
    private func read(
        _ parts: PartsFolder?, refusing: [String: String] = [:]
    ) async throws -> (lines: [UInt8], asked: Set<String>) {
        let endpoint = try Endpoint("https://example.com")
        let asked = Asked()
        let inventory = Inventory(
            partition: "aws", accounts: [InventoryAccount(Self.account, in: ["eu-central-1"])]
        ) { service, place in
            asked.names.withLock { _ = $0.insert(service.name) }
            return CannedCaller(endpoint: endpoint, region: place.region) { _, operation, _ in
                if let code = refusing[operation] { throw CannedCaller.refusal(code, operation) }
                switch operation {
                case "ListQueues": return #"{"QueueUrls":["https://q/ü<b>"]}"#
                case "ListAliases":
                    return #"{"Aliases":[{"AliasName":"alias/ü","AliasArn":"a","CreationDate":1.5}],"Truncated":false}"#
                case "GetQueueAttributes": return #"{"Attributes":{"QueueArn":"ü<b>","KmsMasterKeyId":"alias/ü"}}"#
                default: return nil
                }
            }
        }
        let snapshot = try await inventory.read(at: Self.began, parts: parts)
        return (try snapshot.lines(), asked.names.withLock { $0 })
    }

    private final class Asked: Sendable {
        let names = Mutex<Set<String>>([])
    }

    @Test("what was read is taken over and comes to the same; what is torn, or may pass, is read again")
    func takenOver() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/out.parts"
        let plain = try await read(nil)
        let all = Set(Inventory.services.map(\.name))
        let refusing = [
            "ListTables": "ThrottlingException", "ListTopics": "ExpiredToken", "DescribeVolumes": "AccessDenied",
        ]
        do {
            let first = try await read(try Self.parts(path), refusing: refusing)
            #expect(first.asked == all)
        }
        let torn = path + "/\(Self.account).eu-central-1.sqs.part"
        let whole = try #require(FileManager.default.contents(atPath: torn))
        let wrong: [Data] = [Data(whole.dropLast()), whole + Data([0x20]), Data(), Data(whole.prefix(20))]
        for bytes in wrong {
            try bytes.write(to: URL(filePath: torn))
            let again = try Self.parts(path, after: 60)
            #expect(again.began == Self.began)
            #expect(Set(again.known.keys.map(\.service)) == all.subtracting(["dynamodb", "sns", "ec2", "sqs"]))
        }
        try whole.write(to: URL(filePath: torn))
        let again = try Self.parts(path, after: 60)
        let second = try await read(again)
        // Permissions may have been mended, too.
        #expect(second.asked == ["dynamodb", "sns", "ec2"])
        #expect(second.lines == plain.lines)
        try again.remove()
        #expect(!FileManager.default.fileExists(atPath: path))
        let third = try await read(try Self.parts(path))
        #expect(third.asked == all && third.lines == plain.lines)
    }

    @Test("is its owner's alone; another reading's parts, old ones, and what others use or made are refused")
    func refused() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/out.parts"
        do {
            let first = try Self.parts(path)
            _ = try await read(first)
            #expect(throws: EstateError.self) { try Self.parts(path) }
        }
        for name in [""] + (try FileManager.default.contentsOfDirectory(atPath: path)).map({ "/" + $0 }) {
            let mode = try FileManager.default.attributesOfItem(atPath: path + name)[.posixPermissions] as? Int
            #expect(mode == (name.isEmpty ? 0o700 : 0o600), "\(name)")
        }
        func complaint(_ body: () throws -> PartsFolder) -> String {
            do {
                _ = try body()
                return "-"
            } catch { return "\(error)" }
        }
        #expect(complaint { try Self.parts(path, Self.question("us-east-1")) }.contains("of another reading"))
        #expect(complaint { try Self.parts(path, after: 86_401) }.contains("over a day ago"))
        #expect(try Self.parts(path, meeting: .takeOverAnyAge, after: 86_401).known.count == Inventory.services.count)
        #expect(try Self.parts(path, after: 86_400).known.count == Inventory.services.count)
        let afresh = try Self.parts(path, Self.question("us-east-1"), meeting: .afresh, after: 90_000)
        #expect(afresh.known.isEmpty && afresh.began == Self.began.advanced(bySeconds: 90_000))
        let other = folder.path + "/other.parts"
        try FileManager.default.createDirectory(
            atPath: other, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        try Data("mine".utf8).write(to: URL(filePath: other + "/letter.txt"))
        #expect(complaint { try Self.parts(other, meeting: .afresh) }.contains("no parts of an inventory"))
        #expect(FileManager.default.fileExists(atPath: other + "/letter.txt"))
        let open = folder.path + "/open.parts"
        try FileManager.default.createDirectory(
            atPath: open, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        #expect(complaint { try Self.parts(open) }.contains("yours alone"))
    }
}
