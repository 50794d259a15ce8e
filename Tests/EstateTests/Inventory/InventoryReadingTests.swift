import AWS
import Estate
import Evidence
import Synchronization
import Testing

@Suite("Reading an inventory")
struct InventoryReadingTests {
    private static let account = "111122223333"
    private static let here = "eu-central-1"

    private static func arn(_ id: String, _ region: String = here) -> String {
        "arn:aws:kms:\(region):\(account):key/\(id)"
    }

    private func read(
        _ regions: [String] = [here], width: Int = Inventory.width,
        _ answer: @escaping @Sendable (String, String, [String: CallValue]) throws -> String?
    ) async throws -> InventorySnapshot {
        let endpoint = try Endpoint("https://example.com")
        let account = InventoryAccount(Self.account, in: regions)
        let inventory = Inventory(partition: "aws", accounts: [account]) { _, place in
            CannedCaller(endpoint: endpoint, region: place.region, answer: answer)
        }
        return try await inventory.read(at: Evidence.Timestamp(epochSeconds: 1_782_907_200), width: width).snapshot()
    }

    @Test("an account that has nothing gives a header and an end alone, and nothing unread")
    func nothing() async throws {
        let snapshot = try await read(["us-east-1", "eu-central-1", "us-east-1"]) { _, _, _ in nil }
        #expect(
            String(decoding: try snapshot.lines(), as: UTF8.self) == """
                {"accounts":["111122223333"],"at":"2026-07-01T12:00:00Z","partition":"aws",\
                "regions":["eu-central-1","us-east-1"],"schema":"keyrite.inventory/3"}
                {"kind":"end","lines":1}

                """)
    }

    @Test("an imported key has its materials, their expiry, and how many of its 25 rotations are used")
    func importedKey() async throws {
        let arn = Self.arn("k-1")
        let snapshot = try await read { _, operation, parameters in
            switch operation {
            case "ListAliases":
                // The second page has the alias that matters, and one that leads to a key that is not there.
                parameters["Marker"] == nil
                    ? #"{"Aliases":[{"AliasName":"alias/aws/ebs","AliasArn":"a0"}],"Truncated":true,"NextMarker":"m"}"#
                    : """
                    {"Aliases":[{"AliasName":"alias/b","AliasArn":"a1","TargetKeyId":"k-1"},\
                    {"AliasName":"alias/gone","AliasArn":"a2","TargetKeyId":"k-9"}],"Truncated":false}
                    """
            case "ListKeys": #"{"Keys":[{"KeyId":"k-1","KeyArn":"\#(arn)"}],"Truncated":false}"#
            case "DescribeKey":
                """
                {"KeyMetadata":{"KeyId":"k-1","Arn":"\(arn)","KeyState":"Enabled","KeyManager":"CUSTOMER","Origin":"EXTERNAL",\
                "KeySpec":"SYMMETRIC_DEFAULT","KeyUsage":"ENCRYPT_DECRYPT","ValidTo":1798761600.5,"New":{"a":1}}}
                """
            case "GetKeyPolicy": #"{"Policy":"{}"}"#
            case "ListGrants": #"{"Grants":[],"Truncated":false}"#
            case "ListResourceTags":
                #"{"Tags":[{"TagKey":"b","TagValue":"<i>%"},{"TagKey":"a","TagValue":"鍵"}],"Truncated":false}"#
            case "ListKeyRotations":
                """
                {"Rotations":[{"KeyMaterialId":"m1","KeyMaterialState":"NON_CURRENT","ImportState":"IMPORTED"},\
                {"KeyMaterialId":"m2","KeyMaterialState":"CURRENT","RotationType":"ON_DEMAND","RotationDate":1780000000,\
                "ValidTo":1798761600},{"KeyMaterialId":"m3","KeyMaterialState":"PENDING_ROTATION"}],"Truncated":false}
                """
            case "GetKeyLastUsage": CannedAnswers.used
            default: nil
            }
        }
        let key = try #require(snapshot.keys.first)
        #expect(key.lastUsed?.description == "2026-05-28T20:26:40Z" && key.lastOperation?.text == "Decrypt")
        #expect(key.tracked?.description == "2026-02-02T02:40:00Z")
        #expect(key.materials?.map(\.id?.text) == ["m1", "m2", "m3"])
        #expect(key.rotationsUsed == 1)
        #expect(key.expires?.description == "2027-01-01T00:00:00Z")
        #expect(key.aliases?.map(\.text) == ["alias/b"])
        #expect(key.tags?.map(\.key.text) == ["a", "b"])
        #expect(snapshot.aliases.map(\.standing) == [.noTarget, .known, .missing])
        #expect(snapshot.unread.isEmpty)
        let lines = String(decoding: try snapshot.lines(), as: UTF8.self)
        #expect(lines.contains(#""tags":[{"key":"a","value":"%E9%8D%B5"},{"key":"b","value":"<i>%25"}]"#))
    }

    @Test("a key that was not used since KMS keeps track of that has no last use, and since when", arguments: [0, 1])
    func unused(_ answer: Int) async throws {
        let arn = Self.arn("k-1")
        let snapshot = try await read { _, operation, _ in
            switch operation {
            case "ListKeys": #"{"Keys":[{"KeyId":"k-1","KeyArn":"\#(arn)"}],"Truncated":false}"#
            case "DescribeKey": #"{"KeyMetadata":{"KeyId":"k-1","Arn":"\#(arn)","KeyState":"Enabled"}}"#
            case "GetKeyPolicy": #"{"Policy":"{}"}"#
            case "ListGrants": #"{"Grants":[],"Truncated":false}"#
            case "ListResourceTags": #"{"Tags":[],"Truncated":false}"#
            case "GetKeyLastUsage": CannedAnswers.unused[answer]
            default: nil
            }
        }
        let key = try #require(snapshot.keys.first)
        #expect(key.lastUsed == nil && key.lastOperation == nil && snapshot.unread.isEmpty)
        #expect(key.tracked?.description == "2026-02-02T02:40:00Z")
    }

    @Test("what is refused stands there with why, and what was read before and beside it stays")
    func refusals() async throws {
        let snapshot = try await read([Self.here, "me-south-1"]) { region, operation, parameters in
            if region == "me-south-1" { throw CannedCaller.refusal("UnrecognizedClientException", operation) }
            switch operation {
            case "ListTables":
                if parameters["ExclusiveStartTableName"] != nil {
                    throw CannedCaller.refusal("ThrottlingException", operation, "Rate exceeded")
                }
                return #"{"TableNames":["a","b","c"],"LastEvaluatedTableName":"c"}"#
            case "DescribeTable":
                switch parameters["TableName"] {
                case .text("a"):
                    throw CannedCaller.refusal(
                        "AccessDeniedException", operation,
                        "You may not. Encoded authorization failure message: 1234", status: 400)
                case .text("b"): throw CannedCaller.refusal("ResourceNotFoundException", operation)
                default: return #"{"Table":{"SSEDescription":{"KMSMasterKeyArn":"\#(Self.arn("k-1"))"}}}"#
                }
            case "ListTopics": return "<ListTopicsResponse/>"
            // More follows, and it does not say where.
            case "ListKeys": return #"{"Keys":[],"Truncated":true}"#
            default: return nil
            }
        }
        let unread = snapshot.unread.filter { $0.region == Self.here }.map {
            [$0.service, $0.operation, $0.resource?.text ?? "-", $0.reason.rawValue, $0.message?.text ?? "-"]
        }
        let table = "arn:aws:dynamodb:eu-central-1:111122223333:table/"
        #expect(
            unread == [
                ["dynamodb", "DescribeTable", table + "a", "denied", "You may not."],
                ["dynamodb", "DescribeTable", table + "b", "gone", "-"],
                ["dynamodb", "ListTables", "-", "throttled", "Rate exceeded"],
                ["kms", "ListKeys", "-", "unusable", "a page that is not the last leads nowhere new"],
            ] + [["sns", "ListTopics", "-", "unusable", "as a client has it"]])
        #expect(snapshot.references.map(\.resource.text) == [table + "c"])
        #expect(snapshot.references.map(\.standing) == [.notRead])
        let closed = snapshot.unread.filter { $0.region == "me-south-1" }
        #expect(Set(closed.map(\.reason)) == [.notEnabled])
        #expect(Set(closed.map(\.service)) == Set(Inventory.services.map(\.name)))
    }

    @Test(
        "when keys were last used is unread where KMS denies it; what it knows not, or fails at thrice, is asked no more",
        arguments: [
            ("AccessDeniedException", 400, 40...40), ("UnknownOperationException", 400, 1...16),
            ("KMSInternalException", 500, 3...18),
        ])
    func lastUsage(_ code: String, _ status: Int, _ asked: ClosedRange<Int>) async throws {
        let calls = Mutex(0)
        let snapshot = try await read(width: 1) { _, operation, parameters in
            switch operation {
            case "ListKeys":
                let keys = (10..<50).map { #"{"KeyId":"k-\#($0)","KeyArn":"\#(Self.arn("k-\($0)"))"}"# }
                return #"{"Keys":[\#(keys.joined(separator: ","))],"Truncated":false}"#
            case "DescribeKey":
                guard case .text(let arn) = parameters["KeyId"] else { return nil }
                return #"{"KeyMetadata":{"KeyId":"k","Arn":"\#(arn)","KeyState":"Enabled","KeySpec":"HMAC_256"}}"#
            case "GetKeyPolicy": return #"{"Policy":"{}"}"#
            case "ListGrants": return #"{"Grants":[],"Truncated":false}"#
            case "ListResourceTags": return #"{"Tags":[],"Truncated":false}"#
            case "GetKeyLastUsage":
                calls.withLock { $0 += 1 }
                throw CannedCaller.refusal(code, operation, status: status)
            default: return nil
            }
        }
        #expect(snapshot.keys.count == 40 && snapshot.keys.allSatisfy { $0.lastUsed == nil && $0.tracked == nil })
        #expect(snapshot.unread.map(\.resource?.text) == (10..<50).map { Self.arn("k-\($0)") })
        #expect(asked.contains(calls.withLock { $0 }))
    }

    @Test("a service that fails now and then is asked on: a good answer between failures begins the count again")
    func failuresBetweenAnswers() {
        let ignorance = Ignorance()
        let fault = CannedCaller.refusal("KMSInternalException", "GetKeyLastUsage", status: 500)
        for _ in 0..<10 {
            ignorance.take(fault)
            ignorance.take(fault)
            ignorance.takeAnswer()
        }
        ignorance.take(CannedCaller.refusal("AccessDeniedException", "GetKeyLastUsage"))
        #expect(ignorance.error == nil)
        for _ in 0..<3 { ignorance.take(fault) }
        #expect(ignorance.error == fault)
    }

    private final class Asked: Sendable {
        let names = Mutex<[String]>([])
    }

    /// A secret with replicas, one of which was never made; and a replica of another Region's secret.
    private func secrets(
        _ regions: [String], asked: Asked, denying: String? = nil
    ) async throws -> InventorySnapshot {
        try await read(regions) { region, operation, parameters in
            if operation == denying { throw CannedCaller.refusal("AccessDeniedException", operation) }
            switch (operation, region) {
            case ("ListSecrets", Self.here): return CannedAnswers.secrets
            case ("ListSecrets", "us-east-1"): return CannedAnswers.replicas
            case ("DescribeSecret", _):
                guard case .text(let name) = parameters["SecretId"] else { return nil }
                asked.names.withLock { $0.append(name) }
                return CannedAnswers.replicated
            default: return nil
            }
        }
    }

    @Test(
        "a secret's replicas in Regions that are not read are found by their primary, and in those that are by themselves"
    )
    func replicas() async throws {
        let asked = Asked()
        func found(_ snapshot: InventorySnapshot) -> [String] {
            snapshot.references.map {
                let secret = $0.resource.text.split(separator: ":").last ?? ""
                return "\($0.region) \(secret) \($0.names?.text ?? "default") \($0.standing)"
            }
        }
        let own = ["\(Self.here) own-AbCdEf alias/a noAlias", "\(Self.here) theirs-AbCdEf alias/a noAlias"]
        let hearsay = ["eu-west-3 own-AbCdEf default notRead"]
        let one = try await secrets([Self.here], asked: asked)
        let replica = "us-east-1 own-AbCdEf "
        #expect(found(one) == own + hearsay + [replica + Self.arn("k-3", "us-east-1") + " notRead"])
        #expect(one.references.last?.key?.text == Self.arn("k-3", "us-east-1"))
        #expect(one.references.map(\.deleted) == [nil, Timestamp(epochSeconds: 1_780_000_000), nil, nil])
        #expect(
            asked.names.withLock { $0.compactMap { $0.split(separator: ":").last.map(String.init) } } == ["own-AbCdEf"])
        let both = try await secrets([Self.here, "us-east-1"], asked: asked)
        #expect(found(both) == own + hearsay + [replica + "k-3 missing"])
        // Where its own Region tells nothing, its primary does.
        let denied = try await secrets([Self.here], asked: asked, denying: "DescribeSecret")
        #expect(found(denied) == own)
        #expect(denied.unread.map(\.operation) == ["DescribeSecret"])
        #expect(denied.unread.first?.resource?.text.hasSuffix(":own-AbCdEf") == true)
    }

    @Test("of a key that could not be read, or a Region that was not, nobody says that it is missing")
    func notRead() async throws {
        let snapshot = try await read { _, operation, parameters in
            switch operation {
            case "ListAliases": throw CannedCaller.refusal("AccessDeniedException", operation)
            case "ListKeys": return #"{"Keys":[{"KeyId":"k-1","KeyArn":"\#(Self.arn("k-1"))"}],"Truncated":false}"#
            case "DescribeKey": throw CannedCaller.refusal("AccessDeniedException", operation)
            case "ListBuckets":
                return """
                    <ListAllMyBucketsResult><Buckets>\
                    <Bucket><Name>a</Name><BucketRegion>eu-central-1</BucketRegion></Bucket>\
                    <Bucket><Name>b</Name><BucketRegion>eu-central-1</BucketRegion></Bucket>\
                    <Bucket><Name>c</Name><BucketRegion>us-east-1</BucketRegion></Bucket>\
                    <Bucket><Name>d</Name></Bucket></Buckets></ListAllMyBucketsResult>
                    """
            case "GetBucketLocation": return "<LocationConstraint>eu-central-1</LocationConstraint>"
            case "GetBucketEncryption":
                let names = [
                    "a": "k-1", "b": "alias/x", "d": Self.arn("k-2", "us-west-2"),
                ]
                guard case .text(let bucket) = parameters["bucket"], let name = names[bucket] else { return nil }
                return """
                    <ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms\
                    </SSEAlgorithm><KMSMasterKeyID>\(name)</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule>\
                    </ServerSideEncryptionConfiguration>
                    """
            default: return nil
            }
        }
        #expect(snapshot.references.map(\.resource.text) == ["arn:aws:s3:::a", "arn:aws:s3:::b", "arn:aws:s3:::d"])
        #expect(snapshot.references.map(\.standing) == [.notRead, .notRead, .notRead])
        #expect(snapshot.unread.map(\.operation) == ["DescribeKey", "ListAliases"])
    }

    /// One bucket with its key, a table's, and two keys; of some things, something else.
    private func estate(
        key: String = "k-1", state: String = "Enabled", table: String? = nil, denying: String? = nil
    ) async throws -> InventorySnapshot {
        let table = table ?? Self.arn("k-1")
        return try await read { _, operation, parameters in
            if operation == denying { throw CannedCaller.refusal("AccessDeniedException", operation) }
            switch operation {
            case "ListKeys": return #"{"Keys":[{"KeyId":"k-1","KeyArn":"\#(Self.arn("k-1"))"}],"Truncated":false}"#
            case "DescribeKey":
                return """
                    {"KeyMetadata":{"KeyId":"k-1","Arn":"\(Self.arn("k-1"))","KeyState":"\(state)","KeyManager":"AWS"}}
                    """
            case "ListTables": return #"{"TableNames":["t"]}"#
            case "DescribeTable": return #"{"Table":{"SSEDescription":{"KMSMasterKeyArn":"\#(table)"}}}"#
            case "ListQueues": return #"{"QueueUrls":["https://q/ü<b>"]}"#
            case "GetQueueAttributes": return #"{"Attributes":{"QueueArn":"ü<b>","KmsMasterKeyId":"\#(key)"}}"#
            default: return nil
            }
        }
    }

    @Test("a snapshot is read back as it was written, and nothing else is taken for one")
    func readBack() async throws {
        let snapshot = try await estate(denying: "ListAliases")
        let bytes = try snapshot.lines()
        #expect(try InventorySnapshot(bytes, from: "a") == snapshot)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(lines.count == 6)
        let wrong: [[String]] = [
            [], [lines[1]], [lines[0], lines[2], lines[1]] + lines[3...], lines + [lines[4]], lines + [""],
            [lines[0].replacing("inventory/3", with: "inventory/4")] + lines.dropFirst(),
            [lines[0], lines[1].replacing("\"arn\"", with: "\"Arn\"")], [lines[0], #"{"kind":"other"}"#],
            [lines[0], lines[2].replacing("\"kind\"", with: "\"key\":\"x\",\"kind\"")],
            // Cut after a whole line, without one in the middle, with one more, and of a schema that knows no end.
            Array(lines.prefix(1)), Array(lines.prefix(3)), Array(lines.dropLast()), [lines[0]] + lines.dropFirst(2),
            lines.dropLast() + [#"{"kind":"end","lines":6}"#], lines + [lines[5]],
            [lines[0].replacing("inventory/3", with: "inventory/2")] + lines.dropFirst(),
        ]
        for lines in wrong {
            let text = lines.map { $0 + "\n" }.joined()
            #expect(throws: EstateError.self, "\(text)") { try InventorySnapshot(Array(text.utf8), from: "a") }
        }
        #expect(throws: EstateError.self) { try InventorySnapshot(bytes.dropLast(), from: "a") }
        let older = [lines[0].replacing("inventory/3", with: "inventory/2")] + lines[1...4]
        let text = older.map { $0 + "\n" }.joined()
        #expect(try InventorySnapshot(Array(text.utf8), from: "a").lines() == Array(text.utf8))
    }

    @Test("a difference names what was added, removed and changed, and of what was not read says neither")
    func difference() async throws {
        let before = try await estate()
        #expect(try InventoryDiff(from: before, to: before).changes.isEmpty)
        let after = try await estate(key: "k-2", state: "Disabled", table: "")
        let diff = try InventoryDiff(from: before, to: after)
        let found = diff.changes.map { [$0.what.rawValue, $0.kind, $0.subject.text] + $0.members.keys.sorted() }
        let table = "arn:aws:dynamodb:eu-central-1:111122223333:table/t"
        #expect(
            found == [
                ["changed", "key", Self.arn("k-1"), "state"], ["removed", "reference", table],
                ["changed", "reference", "ü<b>", "key", "names", "standing"],
            ])
        #expect(try InventoryDiff(from: after, to: before).changes.map(\.what) == [.changed, .added, .changed])
        let denied = try InventoryDiff(from: before, to: try await estate(denying: "DescribeTable"))
        #expect(denied.changes.isEmpty && denied.untold == 1)
        let unnamed = try InventoryDiff(from: before, to: try await estate(denying: "ListAliases"))
        #expect(unnamed.changes.isEmpty && unnamed.untold == 1)
        let elsewhere = try await read(["us-east-1"]) { _, _, _ in nil }
        let apart = try InventoryDiff(from: before, to: elsewhere)
        #expect(apart.changes.isEmpty && apart.leftOut == ["eu-central-1", "us-east-1"])
    }

    /// Two secrets: one by an alias, one by a key's ARN.
    private func twoSecrets(
        follows: String = "alias/a", used: String = "1785600000", also: String? = nil, denying: Set<String> = []
    ) async throws -> InventorySnapshot {
        try await read { _, operation, _ in
            if denying.contains(operation) { throw CannedCaller.refusal("AccessDeniedException", operation) }
            func secret(_ name: String, _ key: String) -> String {
                #"{"ARN":"arn:aws:secretsmanager:eu-central-1:111122223333:secret:\#(name)","KmsKeyId":"\#(key)"}"#
            }
            switch operation {
            case "ListAliases":
                return """
                    {"Aliases":[{"AliasName":"alias/a","AliasArn":"arn:aws:kms:eu-central-1:111122223333:alias/a",\
                    "TargetKeyId":"k-1"}],"Truncated":false}
                    """
            case "ListKeys": return #"{"Keys":[{"KeyId":"k-1","KeyArn":"\#(Self.arn("k-1"))"}],"Truncated":false}"#
            case "DescribeKey":
                return """
                    {"KeyMetadata":{"KeyId":"k-1","Arn":"\(Self.arn("k-1"))","KeyState":"Enabled","KeyManager":"CUSTOMER"}}
                    """
            case "GetKeyLastUsage":
                return CannedAnswers.used.replacing("1780000000.25", with: used)
            case "ListSecrets":
                let all = [secret("a", follows), secret("b", Self.arn("k-1"))] + (also.map { [secret("c", $0)] } ?? [])
                return #"{"SecretList":[\#(all.joined(separator: ","))]}"#
            default: return nil
            }
        }
    }

    @Test(
        "what one of two could not read of KMS changes nothing: not the keys, the aliases, or what refers to them",
        arguments: [
            (["ListAliases"], 3), (["DescribeKey"], 4), (["ListKeys"], 4), (["ListAliases", "ListKeys"], 4),
            (["GetKeyLastUsage", "GetKeyPolicy", "ListGrants", "ListResourceTags"], 1),
        ] as [(Set<String>, Int)])
    func unreadOfKMS(_ denied: Set<String>, _ untold: Int) async throws {
        let (before, after) = (try await twoSecrets(), try await twoSecrets(denying: denied))
        for (old, new) in [(before, after), (after, before)] {
            let diff = try InventoryDiff(from: old, to: new)
            #expect(diff.changes.isEmpty && diff.untold == untold, "\(diff.changes) \(diff.untold)")
        }
        // What a resource names is its service's to tell.
        let renamed = try InventoryDiff(from: before, to: try await twoSecrets(follows: "alias/b", denying: denied))
        let members = renamed.changes.filter { $0.kind == "reference" }.map { $0.members.keys.sorted() }
        #expect(renamed.changes.count == 1 && members.first?.contains("names") == true)
    }

    @Test("a difference does not tell when a key was used last, and names the key of a reference that is new or gone")
    func resting() async throws {
        let before = try await twoSecrets()
        #expect(try InventoryDiff(from: before, to: try await twoSecrets(used: "1785700000")).changes.isEmpty)
        for (name, follows) in [("alias/a", true), (Self.arn("k-1"), false)] {
            let after = try await twoSecrets(also: name)
            let use = InventoryDiff.Use(
                names: OutsideText(name), key: OutsideText(Self.arn("k-1")), followsAlias: follows)
            let added = try #require(try InventoryDiff(from: before, to: after).changes.first)
            #expect(added.what == .added && added.uses == [use])
            #expect(try InventoryDiff(from: after, to: before).changes.map(\.uses) == [[use]])
        }
        let changed = try InventoryDiff(from: before, to: try await twoSecrets(follows: "alias/b"))
        #expect(changed.changes.map(\.uses) == [[]])
    }

    /// No emulator makes such: KMS takes keys alone for an alias's target.
    @Test("aliases that lead to each other, or to themselves, lead to no key, and nobody follows them for ever")
    func loop() async throws {
        let snapshot = try await read { _, operation, _ in
            switch operation {
            case "ListAliases":
                let all = [("a", "b"), ("b", "a"), ("c", "c")].map { name, target in
                    #"{"AliasName":"alias/\#(name)","AliasArn":"arn:aws:kms:eu-central-1:1:alias/\#(name)","TargetKeyId":"alias/\#(target)"}"#
                }
                return #"{"Aliases":[\#(all.joined(separator: ","))],"Truncated":false}"#
            case "ListSecrets":
                return #"{"SecretList":[{"ARN":"arn:s","KmsKeyId":"alias/a"},{"ARN":"arn:t","KmsKeyId":"alias/c"}]}"#
            default: return nil
            }
        }
        #expect(snapshot.aliases.map(\.standing) == [.missing, .missing, .missing])
        #expect(snapshot.references.map(\.standing) == [.missing, .missing])
        #expect(!snapshot.unread.contains { $0.service == "kms" })
        let report = try Impact(of: snapshot, at: snapshot.header.at).report(on: [])
        #expect(report.keys.allSatisfy { $0.sides[.replace]?.obstacles.map(\.name) == ["key-missing"] })
    }

    /// A global table of three Regions, each of which tells of the others.
    private static func globalTable(_ region: String, _ operation: String, also: [String] = []) -> String? {
        let regions = [here, "us-east-1", "us-west-2"]
        switch operation {
        case "ListTables": return regions.contains(region) ? #"{"TableNames":["t"]}"# : nil
        case "DescribeTable":
            let replicas = (regions + also).filter { $0 != region }.map {
                #"{"RegionName":"\#($0)","KMSMasterKeyId":"\#(arn("k-1", regions.contains($0) ? $0 : here))"}"#
            }
            return """
                {"Table":{"SSEDescription":{"KMSMasterKeyArn":"\(arn("k-1", region))"},\
                "Replicas":[\(replicas.joined(separator: ","))]}}
                """
        default: return nil
        }
    }

    @Test(
        "each replica of a global table stands once, in whatever Regions it is read",
        arguments: [[here], [here, "us-east-1"], [here, "us-east-1", "us-west-2"]])
    func tables(_ regions: [String]) async throws {
        let snapshot = try await read(regions) { region, operation, _ in Self.globalTable(region, operation) }
        #expect(
            snapshot.references.map { [$0.resource.text, $0.key?.text] }
                == [Self.here, "us-east-1", "us-west-2"].map {
                    ["arn:aws:dynamodb:\($0):111122223333:table/t", Self.arn("k-1", $0)]
                })
        let own = snapshot.references.filter { $0.setting == "SSEDescription.KMSMasterKeyArn" }
        #expect(own.map(\.region) == regions)
    }

    @Test("a replica's Region that is none is an answer that cannot be read, and nothing of it is written or shown")
    func noRegion() async throws {
        let snapshot = try await read { region, operation, _ in
            Self.globalTable(region, operation, also: [#"us-\u001b[31m-1"#])
        }
        #expect(snapshot.references.count == 3)
        #expect(snapshot.unread.map { [$0.operation, $0.reason.rawValue] } == [["DescribeTable", "unusable"]])
        #expect(try InventorySnapshot(try snapshot.lines(), from: "a") == snapshot)
    }
}
