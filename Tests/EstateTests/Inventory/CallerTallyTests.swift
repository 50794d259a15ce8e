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

    private func snapshot(_ events: [String], tearing: Bool = false) async throws -> InventorySnapshot {
        let folder = try TemporaryFolder()
        let text = #"{"Records":["# + events.joined(separator: ",") + (tearing ? "" : "]}")
        let file = try folder.write(Array(text.utf8), to: "events.json")
        var tally = CallerTally(accounts: [Self.account], regions: [Self.region])
        try tally.read(try EventFiles(at: [file]))
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
            unread: tally.unread.map { InventoryGap.events($0, in: place) }, callers: tally)
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
