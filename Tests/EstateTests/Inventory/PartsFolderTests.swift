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
        let outcome = try await inventory.read(at: Self.began, parts: parts)
        return (try outcome.snapshot().lines(), asked.names.withLock { $0 })
    }

    private final class Asked: Sendable {
        let names = Mutex<Set<String>>([])
    }

    @Test("who lets go of it leaves it free, even while a child that is being started has its lock's file open")
    func letGo() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/out.parts"
        var parts: PartsFolder? = try Self.parts(path)
        let copies = try DescriptorCopies(of: path + "/lock")
        #expect(copies.count == 1)
        withExtendedLifetime(parts) {}
        parts = nil
        #expect(throws: Never.self) { try Self.parts(path) }
        withExtendedLifetime(copies) {}
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

    /// An account with so many secrets, in pages of 100; some of their names begin as others do, or have what sorts oddly.
    private func readSecrets(_ count: Int, _ parts: PartsFolder?, cut: Int? = nil) async throws -> InventoryOutcome {
        let endpoint = try Endpoint("https://example.com")
        let endings = ["", "!", "\\u0000", "\\u0000a", "\\u00ff", "ü<b>", "鍵", "%41", " ", "\\u0001"]
        let inventory = Inventory(
            partition: "aws", accounts: [InventoryAccount(Self.account, in: ["eu-central-1"])]
        ) { _, place in
            CannedCaller(endpoint: endpoint, region: place.region) { _, operation, parameters in
                guard operation == "ListSecrets" else { return operation == "DescribeSecret" ? "{}" : nil }
                var start = 0
                if case .text(let token) = parameters["NextToken"] { start = Int(token) ?? 0 }
                if start == cut { throw CannedCaller.refusal("ThrottlingException", operation) }
                // The last ones first, and each twice.
                let secrets = (start..<min(start + 100, count)).map { number in
                    let name = "\((count - number) / 20)\(endings[number / 2 % endings.count])"
                    return #"{"ARN":"arn:\#(name)","KmsKeyId":"k-\#(number % 3)"}"#
                }
                let next = start + 100 < count ? #","NextToken":"\#(start + 100)""# : ""
                return #"{"SecretList":[\#(secrets.joined(separator: ","))]\#(next)}"#
            }
        }
        return try await inventory.read(at: Self.began, parts: parts)
    }

    @Test("many references come to the same, in order and each once, whether they are kept, taken over or neither")
    func many() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/out.parts"
        let plain = try await readSecrets(1_200, nil).snapshot()
        #expect(plain.references.count == plain.references.count { $0.service == "secretsmanager" })
        #expect(plain.references.count > 500 && Set(plain.references).count == plain.references.count)
        // What reads a snapshot back sorts it in memory, by another way.
        #expect(try InventorySnapshot(try plain.lines(), from: "a") == plain)
        do {
            let cut = try await readSecrets(1_200, try Self.parts(path), cut: 700).snapshot()
            #expect(cut.references.count < plain.references.count && cut.unread.count == 1)
            #expect(cut.references.allSatisfy(Set(plain.references).contains))
        }
        let kept = try await readSecrets(1_200, try Self.parts(path))
        let taken = try await readSecrets(0, try Self.parts(path))
        #expect(try kept.snapshot() == plain)
        #expect(try taken.snapshot() == plain && taken.referenceCount == plain.references.count)
        let part = path + "/\(Self.account).eu-central-1.secretsmanager.part"
        let whole = try #require(FileManager.default.contents(atPath: part))
        let lines = whole.split(separator: UInt8(ascii: "\n")).map { $0 + [UInt8(ascii: "\n")] }
        #expect(lines.count > 4)
        for wrong in [lines.dropFirst(), lines.dropLast(), lines[1...2] + lines[1...] + lines[...1]] {
            try Data(wrong.joined()).write(to: URL(filePath: part))
            #expect(try Self.parts(path).known.keys.allSatisfy { $0.service != "secretsmanager" })
        }
    }

    @Test("what is written piece by piece is what is written whole, as lines and as an object")
    func pieces() async throws {
        let outcome = try await readSecrets(1_200, nil)
        var (lines, object, most) = ([UInt8](), [UInt8](), 0)
        try outcome.lines {
            lines += $0
            most = max(most, $0.count)
        }
        try outcome.object { object += $0 }
        let snapshot = try outcome.snapshot()
        #expect(try lines == snapshot.lines() && most < lines.count)
        #expect(try InventorySnapshot(lines, from: "a") == snapshot)
        guard case .object(let members) = try CanonicalJSON.parse(object), case .array(let all) = members["references"]
        else {
            Issue.record("no references")
            return
        }
        #expect(all.count == outcome.referenceCount && members["schema"] == .string("keyrite.inventory/3"))
        let names = [
            "accounts", "aliases", "at", "callers", "keys", "partition", "references", "regions", "schema", "unread",
        ]
        #expect(members.keys.sorted() == names)
        let separate = lines.split(separator: UInt8(ascii: "\n"))
        let line = try #require(separate.first { $0.starts(with: #"{"account":"#.utf8) })
        guard case .object(var reference) = try CanonicalJSON.parse(Array(line)) else { return }
        reference["kind"] = nil
        #expect(all.first == .object(reference))
    }

    @Test("what a snapshot was written of, with gaps that can pass, is taken over for a day, and then begun anew")
    func settled() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/out.parts"
        do {
            let first = try Self.parts(path)
            _ = try await read(first, refusing: ["ListTopics": "ExpiredToken"])
            #expect(!first.isWritten)
            try first.settle()
        }
        do {
            let second = try Self.parts(path, after: 86_400)
            #expect(second.isWritten && second.began == Self.began)
            #expect(try await read(second).asked == ["sns"])
        }
        let later = try Self.parts(path, after: 86_401)
        #expect(!later.isWritten && later.known.isEmpty && later.began == Self.began.advanced(bySeconds: 86_401))
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
