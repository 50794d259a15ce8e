import AWS
import Estate
import Evidence
import Foundation
import TestSupport
import Testing

@Suite("Who calls KMS by key ids")
struct CallerTallyTests {
    private static let (account, region) = ("111122223333", "eu-central-1")
    private static let arn = "arn:aws:kms:eu-central-1:111122223333:key/k-1"
    private static let role = "arn:aws:sts::111122223333:assumed-role/app"

    private static func event(
        _ name: String = "Decrypt", _ parameters: String = #"{"keyId":"k-1"}"#, by caller: String = role + "/s-1",
        minute: Int = 0, account: String = account, region: String = region, more: String = "", service: String = "kms"
    ) -> String {
        """
        {"eventID":"e","eventName":"\(name)","eventSource":"\(service).amazonaws.com","eventTime":"2026-07-01T12:\
        \(minute < 10 ? "0" : "")\(minute):00Z","awsRegion":"\(region)","recipientAccountId":"\(account)","requestID":"r",\
        "userIdentity":{"type":"AssumedRole","arn":"\(caller)","accountId":"\(account)"\(more)},\
        "requestParameters":\(parameters)}
        """
    }

    private func snapshot(
        _ events: [String], again others: [String] = [], tearing: Bool = false,
        mostRemembered: Int = CountedCalls.most
    ) async throws -> InventorySnapshot {
        let folder = try TemporaryFolder()
        let files = try [events, others].filter { !$0.isEmpty }.enumerated().map { number, events in
            let text = #"{"Records":["# + events.joined(separator: ",") + (tearing ? "" : "]}")
            return try folder.write(Array(text.utf8), to: "events-\(number).json")
        }
        var tally = CallerTally(
            accounts: [Self.account], regions: [Self.region], mostRemembered: mostRemembered)
        try tally.read(try EventFiles(at: files))
        let endpoint = try Endpoint("https://example.com")
        let place = InventoryPlace(partition: "aws", account: Self.account, region: Self.region)
        let inventory = Inventory(
            partition: "aws", accounts: [InventoryAccount(Self.account, in: [Self.region])]
        ) { _, place in
            CannedCaller(endpoint: endpoint, region: place.region) { _, operation, _ in
                switch operation {
                case "ListKeys": #"{"Keys":[{"KeyId":"k-1","KeyArn":"\#(Self.arn)"}],"Truncated":false}"#
                case "DescribeKey":
                    #"{"KeyMetadata":{"KeyId":"k-1","Arn":"\#(Self.arn)","KeyState":"Enabled","KeyManager":"AWS"}}"#
                default: nil
                }
            }
        }
        return try await inventory.read(
            at: Evidence.Timestamp(epochSeconds: 1_782_907_200),
            unread: tally.unread.map { InventoryGap.events($0, in: place) }, callers: tally
        ).snapshot()
    }

    @Test("is counted by caller and key, a role's sessions as one, with what was called, first and last")
    func counted() async throws {
        let user = "arn:aws:iam::111122223333:user/Gr\u{f6}\u{df}e"
        let snapshot = try await snapshot([
            Self.event(minute: 5), Self.event("Encrypt", by: Self.role + "/s-2", minute: 2),
            Self.event("GenerateDataKey", #"{"keyId":"\#(Self.arn)"}"#, by: user, minute: 9),
            Self.event("ReEncrypt", #"{"sourceKeyId":"alias/a","destinationKeyId":"k-9"}"#, minute: 3),
        ])
        #expect(
            snapshot.callers.map { [$0.caller.text, $0.names.text, $0.key?.text, "\($0.standing)", "\($0.form)"] } == [
                [user, Self.arn, Self.arn, "known", "keyARN"], [Self.role, "k-1", Self.arn, "known", "keyID"],
                [Self.role, "k-9", Self.arn.dropLast() + "9", "missing", "keyID"],
            ])
        let first = try #require(snapshot.callers.dropFirst().first)
        #expect(first.calls == 2 && first.operations.map(\.text) == ["Decrypt", "Encrypt"])
        #expect("\(first.first) \(first.last)" == "2026-07-01T12:02:00Z 2026-07-01T12:05:00Z")
        #expect(snapshot.header.events?.records == 4)
        #expect(snapshot.header.events?.last?.description == "2026-07-01T12:09:00Z")
        let lines = try snapshot.lines()
        #expect(try InventorySnapshot(lines, from: "a") == snapshot)
        #expect(
            String(decoding: lines, as: UTF8.self).contains(
                #""caller":"arn:aws:iam::111122223333:user/Gr%C3%B6%C3%9Fe""#))
    }

    @Test("stands once for a key that it names by its id and by its ARN; snapshots of before have it twice")
    func once() async throws {
        let snapshot = try await snapshot([
            Self.event(minute: 5), Self.event("Encrypt", #"{"keyId":"\#(Self.arn)"}"#, minute: 2),
            Self.event("Decrypt", #"{"keyId":"k-2"}"#),
        ])
        let callers = snapshot.callers.map { [$0.names.text, "\($0.form)", "\($0.calls)"] }
        #expect(callers == [[Self.arn, "keyARN", "2"], ["k-2", "keyID", "1"]])
        let first = try #require(snapshot.callers.first)
        #expect(first.operations.map(\.text) == ["Decrypt", "Encrypt"])
        #expect("\(first.first) \(first.last)" == "2026-07-01T12:02:00Z 2026-07-01T12:05:00Z")

        var older = ImpactEstate()
        older.schema = InventorySnapshot.oldestSchema
        older.addKey()
        older.addCaller("billing")
        older.callers.append(
            older.callers[0].merging(["names": "k-1", "form": "key-id", "calls": 5, "first": "2026-06-01T00:00:00Z"]) {
                $1
            })
        #expect(try older.snapshot().callers.count == 2)
        let key = try #require(try older.report().keys.first)
        #expect(key.callers.map(\.calls) == [12] && key.sides[.replace]?.changed == 1)
        #expect(key.callers.first?.first.description == "2026-06-01T00:00:00Z")
    }

    @Test("a difference names who calls a key, and does so no more, and which calls; not how often or when")
    func difference() throws {
        func estate(_ callers: [String], _ events: String? = #"{"records":9}"#) throws -> ImpactEstate {
            var estate = ImpactEstate()
            estate.addKey()
            for caller in callers { estate.addCaller(caller) }
            estate.events = events
            return estate
        }
        func changes(_ old: ImpactEstate, _ new: ImpactEstate) throws -> [[String]] {
            try InventoryDiff(from: try old.snapshot(), to: try new.snapshot()).changes.map {
                [$0.what.rawValue, $0.kind, $0.subject.text, $0.setting ?? "-"] + $0.members.keys.sorted()
            }
        }
        let before = try estate(["billing", "reports"])
        var after = try estate(["billing", "wages"])
        after.callers[0]["calls"] = 9
        after.callers[0]["last"] = "2026-07-01T00:00:00Z"
        let role = "arn:aws:iam::\(ImpactEstate.account):role/"
        let key = ImpactEstate.arn("k-1")
        let gone = [["removed", "caller", role + "reports", key], ["added", "caller", role + "wages", key]]
        #expect(try changes(before, after) == gone)
        after.callers[0]["operations"] = ["Decrypt", "Encrypt"]
        #expect(try changes(before, after) == [["changed", "caller", role + "billing", key, "operations"]] + gone)
        // By which of the key's names is the same to it.
        var byID = before
        byID.callers[0].merge(["names": "k-1", "form": "key-id"]) { $1 }
        #expect(try changes(before, byID).isEmpty)
        // Who did not look says nothing of them, and who could not look at all of a key's events nothing of its.
        let without = try estate([], nil)
        #expect(try changes(before, without).isEmpty)
        let diff = try InventoryDiff(from: try before.snapshot(), to: try without.snapshot())
        #expect(!diff.comparesCallers)
        for (operation, resource) in [("LookupEvents", key), ("LookupEvents", nil), ("Records", "/events.json")] {
            var partly = try estate([])
            partly.addUnread(
                "cloudtrail", operation, account: operation == "Records" ? "999988887777" : ImpactEstate.account)
            partly.unread[0]["resource"] = resource
            #expect(try changes(before, partly).isEmpty, "\(operation)")
            let told = try InventoryDiff(from: try before.snapshot(), to: try partly.snapshot())
            #expect(told.untold == 2 && told.comparesCallers)
            // Nor which calls it made no more.
            var other = partly
            other.addCaller("billing")
            other.callers[0]["operations"] = ["Encrypt"]
            #expect(try changes(before, other).isEmpty, "\(operation)")
        }
        var other = try estate([])
        other.addUnread("cloudtrail", "LookupEvents")
        other.unread[0]["resource"] = ImpactEstate.arn("k-2")
        #expect(try changes(before, other).count == 2)
    }

    private static func id(_ number: Int) -> String { "4f5b1c2d-0000-4000-8000-00000000000\(number)" }

    private static func named(_ id: String, _ event: String) -> String {
        event.replacing(#""eventID":"e""#, with: #""eventID":"\#(id)""#)
    }

    @Test("an event that stands in two files counts once, however it is written there, and that is said")
    func again() async throws {
        let both = #"{"sourceKeyId":"k-1","destinationKeyId":"k-2"}"#
        let events = [
            Self.named(Self.id(1), Self.event(minute: 1)), Self.named(Self.id(2), Self.event(minute: 1)),
            Self.named(Self.id(3), Self.event("ReEncrypt", both, minute: 2)),
        ]
        let other = Self.named(
            Self.id(1).uppercased(),
            Self.event(minute: 1).replacing(#""requestID":"r","#, with: #" "requestID" : "r", "readOnly" : true,"#))
        // Who looks, or is refused, is not counted, and not remembered.
        let looks = Self.named(Self.id(4), Self.event("DescribeKey"))
        let snapshot = try await snapshot(events + [looks], again: [other, events[2], looks])
        #expect(snapshot.callers.map { "\($0.names.text) \($0.calls)" } == ["k-1 3", "k-2 1"])
        #expect(snapshot.header.events?.records == 7 && snapshot.header.events?.again == 2)
        #expect(snapshot.unread.isEmpty)
        let lines = try snapshot.lines()
        #expect(String(decoding: lines, as: UTF8.self).contains(#""events":{"again":2,"first":"#))
        #expect(try InventorySnapshot(lines, from: "a") == snapshot)
        #expect(try await self.snapshot(events).header.events?.again == nil)
    }

    @Test("another caller, key, call or time under an id that is known takes no call away, nor does an id that is none")
    func otherUnderTheSameID() async throws {
        let first = Self.named(Self.id(1), Self.event())
        let others = [
            Self.event(by: Self.role + "-2/s-1"), Self.event("Encrypt"), Self.event("Decrypt", #"{"keyId":"k-2"}"#),
            Self.event(minute: 1),
        ]
        let changed = try await snapshot([first], again: others.map { Self.named(Self.id(1), $0) })
        #expect(changed.callers.map(\.calls) == [3, 1, 1] && changed.header.events?.again == nil)
        let close = Self.id(1)
        for id in ["", "e", close + "0", close.replacing("f", with: "g"), close.replacing("-", with: "")] {
            let event = Self.named(id, Self.event())
            let snapshot = try await snapshot([event], again: [event])
            #expect(snapshot.callers.map(\.calls) == [2] && snapshot.header.events?.again == nil, "\(id)")
        }
    }

    @Test("more calls than are remembered are said to be, and count as often as they stand there")
    func unremembered() async throws {
        let events = (1...3).map { Self.named(Self.id($0), Self.event(minute: $0)) }
        let snapshot = try await snapshot(events, again: events, mostRemembered: 2)
        #expect(snapshot.callers.map(\.calls) == [4] && snapshot.header.events?.again == 2)
        #expect(snapshot.unread.map(\.operation) == ["Records"])
        #expect(
            snapshot.unread.first?.message?.text.hasPrefix("Over 2 calls by key ids were counted: of the others")
                == true)
        let fitting = try await self.snapshot(events, again: events, mostRemembered: 3)
        #expect(fitting.unread.isEmpty && fitting.callers.map(\.calls) == [3])
    }

    @Test("is not who names an alias, was refused, was called for by a service, is elsewhere, or only looked")
    func others() async throws {
        let snapshot = try await snapshot([
            Self.event("Decrypt", #"{"keyId":"alias/a"}"#), Self.event("Decrypt", "null"),
            Self.event("Decrypt", #"{"keyId":"\#(Self.arn.replacing("key/k-1", with: "alias/a"))"}"#),
            Self.event("DescribeKey"), Self.event(account: "999988887777"), Self.event(region: "us-east-1"),
            Self.event(more: #","invokedBy":"s3.amazonaws.com""#), Self.event(service: "cloudhsm"),
            Self.event().replacing(#""requestID""#, with: #""errorCode":"AccessDenied","requestID""#),
        ])
        #expect(snapshot.callers.isEmpty && snapshot.unread.isEmpty)
        #expect(snapshot.header.events?.records == 9)
    }

    @Test("is not said of a record that cannot be read, which is named; a file that is cut off is refused")
    func unreadable() async throws {
        let snapshot = try await snapshot([Self.event(), Self.event().replacing("eventTime", with: "eventTim")])
        #expect(snapshot.callers.map(\.calls) == [1])
        #expect(snapshot.unread.map(\.operation) == ["Records"])
        #expect(snapshot.unread.first?.message?.text == "record 2: it has no eventTime")
        await #expect(throws: EstateError.self) { try await self.snapshot([Self.event()], tearing: true) }
    }

    @Test("is each of IAM Identity Center's people by itself, of whom AWS's record has no ARN")
    func people() async throws {
        let events = ["u-1", "u-2", "u-1"].map { user in
            Self.event().replacing(
                #""type":"AssumedRole","arn":"\#(Self.role)/s-1","#,
                with: #""type":"IdentityCenterUser","onBehalfOf":{"userId":"\#(user)","identityStoreArn":"arn:store"},"#
            )
        }
        let snapshot = try await snapshot(events)
        #expect(
            snapshot.callers.map(\.caller.text) == [
                "IdentityCenterUser u-1 of arn:store", "IdentityCenterUser u-2 of arn:store",
            ])
        #expect(snapshot.callers.map(\.calls) == [2, 1])
    }

    @Test("is one, of another account's role, whose sessions AWS names by ids alone")
    func byIDs() async throws {
        let events = (1...3).map { number in
            Self.event(minute: number).replacing(
                #""type":"AssumedRole","arn":"\#(Self.role)/s-1","#,
                with: #""type":"AWSAccount","principalId":"AROAEXAMPLE:session-\#(number)","#)
        }
        try #require(events.allSatisfy { $0.contains("AROAEXAMPLE:session-") })
        let snapshot = try await snapshot(events)
        #expect(snapshot.callers.map(\.caller.text) == ["account 111122223333 AROAEXAMPLE"])
        #expect(snapshot.callers.map(\.calls) == [3])
    }
}
