import AWS
import Estate
import Evidence
import Testing

@Suite("An inventory of several accounts")
struct InventoryAccountsTests {
    private static let here = "eu-central-1"
    private static let (one, other) = ("111122223333", "444455556666")

    private static func arn(_ account: String, _ region: String = here) -> String {
        "arn:aws:kms:\(region):\(account):key/k-\(account)"
    }

    /// Each account has a key with an alias, and a queue for each of some names.
    private func read(
        _ accounts: [String], names: [String: [String]] = [:], regions: [String] = [here],
        narrower: [String: [String]] = [:], width: Int = Inventory.width,
        unread: [InventoryGap] = [], dawdling: Bool = false, denying: String? = nil
    ) async throws -> InventorySnapshot {
        let endpoint = try Endpoint("https://example.com")
        let inventory = Inventory(
            partition: "aws", accounts: accounts.map { InventoryAccount($0, in: narrower[$0] ?? regions) }
        ) {
            service, place in
            let arn = Self.arn(place.account, place.region)
            var caller = CannedCaller(endpoint: endpoint, region: place.region) { _, operation, parameters in
                if place.account == denying {
                    throw CannedCaller.refusal("AccessDeniedException", operation)
                }
                switch operation {
                case "ListKeys":
                    return #"{"Keys":[{"KeyId":"k-\#(place.account)","KeyArn":"\#(arn)"}],"Truncated":false}"#
                case "ListAliases":
                    return """
                        {"Aliases":[{"AliasName":"alias/a","AliasArn":"\(arn)/a","TargetKeyId":"k-\(place.account)"}],\
                        "Truncated":false}
                        """
                case "DescribeKey":
                    return #"{"KeyMetadata":{"KeyId":"k","Arn":"\#(arn)","KeyState":"Enabled","KeyManager":"AWS"}}"#
                case "ListQueues":
                    let urls = (names[place.account] ?? []).indices.map { "\"https://q/\($0)\"" }
                    return #"{"QueueUrls":[\#(urls.joined(separator: ","))]}"#
                case "GetQueueAttributes":
                    guard case .text(let url) = parameters["QueueUrl"], let number = Int(url.dropFirst(10)),
                        let name = names[place.account]?[number]
                    else { return nil }
                    return """
                        {"Attributes":{"QueueArn":"arn:aws:sqs:\(place.region):\(place.account):q\(number)",\
                        "KmsMasterKeyId":"\(name)"}}
                        """
                default: return nil
                }
            }
            caller.dawdles = dawdling
            return caller
        }
        return try await inventory.read(
            at: Evidence.Timestamp(epochSeconds: 1_782_907_200), unread: unread, width: width
        ).snapshot()
    }

    @Test("a key of another account that was read is known; of one that was not, its account is said, and no more")
    func across() async throws {
        let names = [
            Self.one: [
                Self.arn(Self.other), "arn:aws:kms:eu-central-1:\(Self.other):alias/a", "alias/a",
                "arn:aws:kms:eu-central-1:\(Self.other):alias/none", "arn:aws:kms:eu-central-1:\(Self.other):key/none",
                Self.arn("777788889999"), Self.arn(Self.other, "us-east-1"),
            ]
        ]
        let both = try await read([Self.other, Self.one], names: names)
        #expect(both.header.accounts == [Self.one, Self.other])
        #expect(
            both.references.map(\.standing)
                == [.known, .known, .known, .noAlias, .missing, .otherAccount, .notRead])
        #expect(both.references.prefix(3).map(\.key?.text) == [Self.other, Self.other, Self.one].map { Self.arn($0) })
        let alone = try await read([Self.one], names: names)
        #expect(
            alone.references.map(\.standing)
                == [.otherAccount, .otherAccount, .known] + Array(repeating: .otherAccount, count: 4))
        let denied = try await read([Self.one, Self.other], names: names, denying: Self.other)
        #expect(
            denied.references.map(\.standing)
                == [.notRead, .notRead, .known, .notRead, .notRead, .otherAccount, .notRead])
    }

    @Test("is the same byte for byte, whichever account, Region and service answers first", arguments: [1, 3, 64])
    func order(_ width: Int) async throws {
        let names = [Self.one: (0..<40).map { "alias/\($0)" }, Self.other: [Self.arn(Self.one), "alias/a"]]
        let regions = ["us-east-1", Self.here, "eu-west-1"]
        let straight = try await read([Self.one, Self.other], names: names, regions: regions, width: 1)
        let dawdled = try await read(
            [Self.other, Self.one], names: names, regions: regions.reversed(), width: width, dawdling: true)
        #expect(try dawdled.lines() == straight.lines())
        #expect(straight.keys.count == 6 && straight.references.count == 126)
    }

    @Test("an account that nobody could enter, or that is not active, stands among what was not read, and with why")
    func closed() async throws {
        let place = InventoryPlace(partition: "aws", account: "777788889999", region: Self.here)
        let role = "arn:aws:iam::777788889999:role/reader"
        let account = try CannedCaller.organization("SUSPENDED", id: "888899990000")
        let gaps: [InventoryGap] = [
            .closed(CannedCaller.refusal("AccessDenied", "AssumeRole", "You may not"), to: role, in: place),
            .inactive(
                account, in: InventoryPlace(partition: "aws", account: account.id, region: Self.here)),
        ]
        let snapshot = try await read([Self.one], unread: gaps)
        #expect(snapshot.header.accounts == [Self.one])
        let lines = String(decoding: try snapshot.lines(), as: UTF8.self).split(separator: "\n").dropLast().suffix(2)
        #expect(
            lines == [
                """
                {"account":"888899990000","code":"SUSPENDED","kind":"unread","operation":"ListAccounts","reason":"not-active",\
                "region":"eu-central-1","resource":"arn:o","service":"organizations"}
                """,
                """
                {"account":"777788889999","code":"AccessDenied","kind":"unread","message":"You may not","operation":"AssumeRole",\
                "reason":"denied","region":"eu-central-1","resource":"arn:aws:iam::777788889999:role/reader","service":"sts"}
                """,
            ])
        #expect(try InventorySnapshot(try snapshot.lines(), from: "a") == snapshot)
    }

    @Test("the Regions of an account are those that are enabled in it, sorted, and none that is off")
    func regions() async throws {
        let caller = CannedCaller(endpoint: try Endpoint("https://example.com"), region: Self.here) { _, operation, _ in
            guard operation == "DescribeRegions" else { return nil }
            return """
                <DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><regionInfo>\
                <item><regionName>us-east-1</regionName><regionEndpoint>e</regionEndpoint>\
                <optInStatus>opt-in-not-required</optInStatus></item>\
                <item><regionName>me-south-1</regionName><optInStatus>not-opted-in</optInStatus></item>\
                <item><regionName>af-south-1</regionName><optInStatus>opted-in</optInStatus></item>\
                </regionInfo></DescribeRegionsResponse>
                """
        }
        #expect(try await EnabledRegions.names(by: caller) == ["af-south-1", "us-east-1"])
    }

    @Test("two snapshots are compared in the accounts that both have, and what one hid hides nothing of another")
    func difference() async throws {
        let names = [Self.one: [Self.arn(Self.other)], Self.other: ["alias/a"]]
        let both = try await read([Self.one, Self.other], names: names)
        let alone = try await read([Self.one], names: names)
        let diff = try InventoryDiff(from: both, to: alone)
        // Its key is not of an account that both are of, and nothing else about it is another.
        #expect(diff.changes.isEmpty && diff.leftOut == [Self.other])
        let others = try await read([Self.other])
        #expect(throws: EstateError.self) { try InventoryDiff(from: alone, to: others) }
        let fewer = try await read([Self.one, Self.other])
        let gone = try InventoryDiff(from: both, to: fewer)
        #expect(gone.changes.map(\.what) == [.removed, .removed])
        let hidden = try InventoryDiff(from: both, to: try await read([Self.one, Self.other], denying: Self.other))
        #expect(hidden.changes.map(\.subject.text) == ["arn:aws:sqs:eu-central-1:\(Self.one):q0"])
        #expect(hidden.changes.map(\.what) == [.removed])
    }

    @Test(
        "where an account's Regions were not known this time, nothing is said to be gone, and volumes are still compared"
    )
    func narrower() async throws {
        let regions = [Self.here, "us-east-1"]
        let wide = try await read([Self.one, Self.other], regions: regions)
        #expect(wide.header.narrower == nil)
        let gap = InventoryGap.regionsUnknown(
            .configuration("x"), in: InventoryPlace(partition: "aws", account: Self.other, region: Self.here))
        let narrow = try await read(
            [Self.one, Self.other], regions: regions, narrower: [Self.other: [Self.here]], unread: [gap])
        #expect(narrow.header.regions == regions)
        #expect(narrow.header.narrower?.map(\.account) == [Self.other])
        #expect(narrow.header.narrower?.map(\.regions) == [[Self.here]])
        #expect(try InventorySnapshot(try narrow.lines(), from: "a") == narrow)
        for (old, new) in [(wide, narrow), (narrow, wide)] {
            let diff = try InventoryDiff(from: old, to: new)
            #expect(diff.changes.isEmpty && diff.untold == 0 && diff.leftOut == ["\(Self.other) in us-east-1"])
        }
    }
}
