import AWS
import Estate
import Evidence
import Foundation
import Synchronization
import Testing

@Suite("Looking up who calls KMS by key ids")
struct CallerLookupTests {
    static let (account, region) = ("111122223333", "eu-central-1")
    static let role = "arn:aws:sts::111122223333:assumed-role/app"
    static let began = Evidence.Timestamp(epochSeconds: 1_782_907_200)
    static let since = Evidence.Timestamp(epochSeconds: 1_782_302_400)

    static func arn(_ id: String, _ account: String = account) -> String {
        "arn:aws:kms:eu-central-1:\(account):key/\(id)"
    }

    /// A history that has pages of events by key, and keeps what it was asked.
    private struct History: EventHistory {
        let place: InventoryPlace
        let asked: Asked
        let pages: @Sendable (_ key: String) throws -> [[LookedUpEvent]]
        let newest: @Sendable (_ operation: String) throws -> [LookedUpEvent]

        func eachPage(
            of input: LookupEvents.Input, _ take: ([LookedUpEvent]) async throws -> Void
        ) async throws {
            let attribute = try #require(input.lookupAttributes?.first)
            if attribute.key == .eventName {
                asked.trials.withLock { $0 += 1 }
                try await take(try newest(attribute.value))
                Issue.record("more than the newest was asked for")
            }
            try #require(attribute.key == .resourceName)
            try #require(input.startTime?.secondsSinceEpoch == Double(asked.demanded.epochSeconds))
            asked.keys.withLock { $0.append("\(place.account) \(attribute.value)") }
            for page in try pages(attribute.value) {
                try await take(page)
                asked.pages.withLock { $0 += 1 }
                if asked.takesFailure() {
                    throw AWSError.unreachable(
                        operation: "LookupEvents", endpoint: try Endpoint("https://example.com"), reason: "no way")
                }
            }
        }
    }

    final class Asked: Sendable {
        let keys = Mutex<[String]>([])
        let pages = Mutex(0)
        /// Whether keys can be found at all.
        let trials = Mutex(0)
        let pauses = Mutex<[Duration]>([])
        /// Earlier than it is when KMS was read.
        let since = Mutex(Evidence.Timestamp(epochSeconds: 1_774_000_000))
        /// How often there is no way to CloudTrail after a first page.
        let failures = Mutex(0)

        /// Since when events must be asked for.
        let demanded: Evidence.Timestamp

        init(failures: Int = 0, demanding since: Evidence.Timestamp = CallerLookupTests.since) {
            demanded = since
            self.failures.withLock { $0 = failures }
        }

        func takesFailure() -> Bool {
            failures.withLock { left in
                guard left > 0 else { return false }
                left -= 1
                return true
            }
        }
    }

    static func event(
        _ name: String, _ parameters: String, by caller: String = role + "/s-1", minute: Int = 0, more: String = "",
        source: String = "kms", resources: [LookedUpEvent.Resource] = []
    ) -> LookedUpEvent {
        let text = """
            {"eventID":"e","eventName":"\(name)","eventSource":"\(source).amazonaws.com","eventTime":"2026-07-01T11:\
            \(minute < 10 ? "0" : "")\(minute):00Z","awsRegion":"\(region)","recipientAccountId":"\(account)",\
            "userIdentity":{"type":"AssumedRole","arn":"\(caller)","accountId":"\(account)"\(more)},\
            "requestParameters":\(parameters)}
            """
        return LookedUpEvent(
            id: "\(name) \(parameters) \(caller) \(minute) \(more) \(source)", name: name, readOnly: "true",
            accessKeyID: nil,
            time: AWS.Timestamp(secondsSinceEpoch: 1_782_903_600 + Double(minute * 60)),
            source: "\(source).amazonaws.com", username: nil, resources: resources, text: text)
    }

    /// Keys `k-1` and `k-2` of the account, and a queue under a key of another one.
    func snapshot(
        asked: Asked = Asked(), most: Int = 100, mostCallers: Int = 100, denying: String? = nil,
        accounts: [String] = [account], keys: [String]? = nil, parts: (any InventoryParts)? = nil, days: Int = 7,
        newest: @escaping @Sendable (_ operation: String) throws -> [LookedUpEvent] = { _ in [] },
        _ pages: @escaping @Sendable (_ key: String) throws -> [[LookedUpEvent]]
    ) async throws -> InventorySnapshot {
        let endpoint = try Endpoint("https://example.com")
        let inventory = Inventory(
            partition: "aws", accounts: accounts.map { InventoryAccount($0, in: [Self.region]) }
        ) { _, place in
            CannedCaller(endpoint: endpoint, region: place.region) { _, operation, parameters in
                guard place.account == Self.account else { return nil }
                asked.since.withLock { $0 = Self.since }
                if operation == denying { throw CannedCaller.refusal("AccessDeniedException", operation) }
                switch operation {
                case "ListKeys":
                    let keys = ["k-1", "k-2"].map { #"{"KeyId":"\#($0)","KeyArn":"\#(Self.arn($0))"}"# }
                    return #"{"Keys":[\#(keys.joined(separator: ","))],"Truncated":false}"#
                case "DescribeKey":
                    guard case .text(let arn) = parameters["KeyId"] else { return nil }
                    return """
                        {"KeyMetadata":{"KeyId":"\(arn.suffix(3))","Arn":"\(Self.arn(String(arn.suffix(3))))","KeyState":"Enabled",\
                        "KeySpec":"HMAC_256","Origin":"EXTERNAL"}}
                        """
                case "GetKeyPolicy": return #"{"Policy":"{}"}"#
                case "ListGrants": return #"{"Grants":[],"Truncated":false}"#
                case "ListResourceTags": return #"{"Tags":[],"Truncated":false}"#
                case "ListQueues": return #"{"QueueUrls":["q"]}"#
                case "GetQueueAttributes":
                    let key = Self.arn("k-9", "999988887777")
                    return #"{"Attributes":{"QueueArn":"q","KmsMasterKeyId":"\#(key)"}}"#
                default: return nil
                }
            }
        }
        let lookup = CallerLookup(
            days: days, now: { asked.since.withLock { $0.advanced(bySeconds: Int64(days) * 86_400) } }, most: most,
            mostCallers: mostCallers,
            history: { History(place: $0, asked: asked, pages: pages, newest: newest) },
            pause: { wait in asked.pauses.withLock { $0.append(wait) } })
        guard let keys else {
            return try await inventory.read(at: Self.began, lookup: lookup, parts: parts).snapshot()
        }
        let narrowed = try inventory.narrowed(to: try await inventory.search(for: keys))
        return try await narrowed.read(at: Self.began, lookup: lookup).snapshot()
    }

    @Test("asks for the events of each key, in its own account, and counts those that name it by id or ARN, once each")
    func counted() async throws {
        let asked = Asked()
        let both = #"{"sourceKeyId":"k-1","destinationKeyId":"\#(Self.arn("k-2"))"}"#
        let snapshot = try await snapshot(asked: asked, accounts: [Self.account, "222233334444"]) { key in
            switch key {
            case Self.arn("k-1"):
                [
                    [Self.event("Decrypt", #"{"keyId":"k-1"}"#, minute: 9), Self.event("ReEncrypt", both, minute: 8)],
                    [
                        Self.event("Decrypt", #"{"keyId":"alias/a"}"#), Self.event("DescribeKey", #"{"keyId":"k-1"}"#),
                        Self.event("Decrypt", #"{"keyId":"k-1"}"#, more: #","invokedBy":"s3.amazonaws.com""#),
                        Self.event("Decrypt", #"{"keyId":"k-1"}"#, source: "cloudhsm"),
                        Self.event("Encrypt", #"{"keyId":"k-1"}"#, by: Self.role + "/s-2", minute: 2),
                    ],
                ]
            case Self.arn("k-2"): [[Self.event("ReEncrypt", both, minute: 8)]]
            default: []
            }
        }
        let foreign = Self.arn("k-9", "999988887777")
        #expect(
            asked.keys.withLock { $0.sorted() } == [
                "\(Self.account) \(Self.arn("k-1"))", "\(Self.account) \(Self.arn("k-2"))",
                "\(Self.account) \(foreign)",
                "222233334444 \(foreign)",
            ])
        #expect(
            snapshot.callers.map { [$0.caller.text, $0.key?.text, "\($0.calls)"] } == [
                [Self.role, Self.arn("k-2"), "1"], [Self.role, Self.arn("k-1"), "3"],
            ])
        let first = try #require(snapshot.callers.last)
        #expect(first.operations.map(\.text) == ["Decrypt", "Encrypt", "ReEncrypt"])
        #expect("\(first.first) \(first.last)" == "2026-07-01T11:02:00Z 2026-07-01T11:09:00Z")
        #expect(snapshot.header.events?.records == 8 && snapshot.header.events?.since == Self.since)
        #expect(snapshot.unread.isEmpty)
        #expect(try InventorySnapshot(try snapshot.lines(), from: "a") == snapshot)
        let untold = try Impact(of: snapshot, at: Self.began).report(on: []).untold
        #expect(untold.contains { $0.hasSuffix("by key id or ARN before 2026-06-24T12:00:00Z only") })
    }

    @Test("that a key's use cannot be found by its ARN is noticed, and said of all keys")
    func hidden() async throws {
        let found = LookedUpEvent.Resource(type: "AWS::KMS::Key", name: Self.arn("k-7"))
        let alias = LookedUpEvent.Resource(type: "AWS::KMS::Key", name: "arn:aws:kms:eu-central-1:111122223333:alias/a")
        let parameters = #"{"keyId":"k-1"}"#
        func gaps(_ newest: [LookedUpEvent]) async throws -> [InventoryGap] {
            try await snapshot(newest: { $0 == "GenerateDataKey" ? newest : [] }) { _ in [] }.unread
        }
        let good = Self.event("GenerateDataKey", parameters, resources: [alias, found])
        #expect(try await gaps([good, Self.event("GenerateDataKey", parameters, source: "other")]).isEmpty)
        // A call that was refused has no key.
        let refused = Self.event("GenerateDataKey", parameters, more: #"},"errorCode":"AccessDenied","x":{"#)
        #expect(try await gaps([refused]).isEmpty)
        for resources in [[], [alias]] {
            let gap = try #require(
                try await gaps([good, Self.event("GenerateDataKey", parameters, resources: resources)]).first)
            #expect(gap.reason == .unusable && gap.resource == nil && gap.operation == "LookupEvents")
            #expect(
                gap.message?.text.hasSuffix(
                    "GenerateDataKey names no key as its resource, and is not found by its key's ARN") == true)
        }
        let denied = try await snapshot(newest: { _ in throw CannedCaller.refusal("AccessDenied", "LookupEvents") }) {
            _ in
            Issue.record("what was refused is asked again")
            return []
        }
        #expect(denied.unread.map(\.reason) == [.denied] && denied.unread.first?.resource == nil)
    }

    @Test("for one key it asks of that key alone")
    func oneKey() async throws {
        let asked = Asked()
        let snapshot = try await snapshot(asked: asked, keys: ["k-2"]) { _ in
            [[Self.event("Sign", #"{"keyId":"k-2"}"#)]]
        }
        #expect(asked.keys.withLock { $0 } == ["\(Self.account) \(Self.arn("k-2"))"])
        #expect(snapshot.callers.map(\.calls) == [1])
    }

    @Test("who may not ask is refused once for the account and Region, which may have callers of any key")
    func denied() async throws {
        let asked = Asked()
        let snapshot = try await snapshot(asked: asked) { _ in
            throw CannedCaller.refusal("AccessDeniedException", "LookupEvents")
        }
        #expect(asked.keys.withLock { $0.count } == 1)
        #expect(snapshot.unread.map(\.operation) == ["LookupEvents"] && snapshot.unread.first?.resource == nil)
        let report = try Impact(of: snapshot, at: Self.began).report(on: ["k-1"])
        #expect(report.isLimited && report.unread.count == 1 && report.keys.first?.isWhole == false)
        #expect(
            report.untold.contains {
                $0.hasSuffix(
                    "stand in what could not be read of CloudTrail, or called before 2026-06-24T12:00:00Z only")
            })
    }

    @Test("where the way to CloudTrail is gone for a while it is waited for, and nothing is counted twice")
    func patience() async throws {
        let asked = Asked(failures: 2)
        let snapshot = try await snapshot(asked: asked, keys: ["k-1"]) { _ in
            [
                [Self.event("Sign", #"{"keyId":"k-1"}"#, minute: 3)],
                [Self.event("Sign", #"{"keyId":"k-1"}"#, minute: 2)],
            ]
        }
        #expect(snapshot.callers.map(\.calls) == [2] && snapshot.unread.isEmpty)
        #expect(asked.keys.withLock { $0.count } == 3 && asked.pauses.withLock { $0.count } == 2)
    }

    @Test("one key that cannot be looked up costs no other; after three in a row nobody goes on asking")
    func unreachable() async throws {
        // Four attempts each, of the first of three keys.
        let some = Asked(failures: 4)
        let pages: @Sendable (String) -> [[LookedUpEvent]] = { key in
            [[Self.event("Sign", #"{"keyId":"\#(key)"}"#, minute: 3)]]
        }
        let snapshot = try await snapshot(asked: some, pages)
        #expect(snapshot.unread.map(\.resource?.text) == [Self.arn("k-1")] && snapshot.callers.count == 3)
        #expect(snapshot.unread.map(\.reason) == [.unreachable])
        let none = Asked(failures: 100)
        let gaps = try await self.snapshot(asked: none, pages).unread
        #expect(gaps.map(\.resource?.text) == [nil, Self.arn("k-1"), Self.arn("k-2")])
        #expect(none.keys.withLock { $0.count } == 12)
    }

    @Test("what is not trusted is not asked again")
    func untrusted() async throws {
        let asked = Asked()
        let endpoint = try Endpoint("https://example.com")
        let snapshot = try await snapshot(asked: asked) { _ in
            throw AWSError.untrusted(operation: "LookupEvents", endpoint: endpoint, reason: "another's certificate")
        }
        #expect(snapshot.unread.map(\.resource?.text) == [nil])
        #expect(asked.keys.withLock { $0.count } == 1 && asked.pauses.withLock { $0.isEmpty })
    }

    @Test(
        "a key that KMS does not describe is looked up all the same; of keys that it does not list, nobody says that none call"
    )
    func undescribed() async throws {
        let pages: @Sendable (String) -> [[LookedUpEvent]] = { key in
            key.hasSuffix("k-1") ? [[Self.event("Sign", #"{"keyId":"k-1"}"#)]] : []
        }
        let before = try await snapshot(pages)
        let undescribed = try await snapshot(denying: "DescribeKey", pages)
        #expect(undescribed.callers.map(\.key?.text) == [Self.arn("k-1")])
        #expect(undescribed.callers.map(\.standing) == [.notRead])
        let unlisted = try await snapshot(denying: "ListKeys", pages)
        #expect(unlisted.callers.isEmpty)
        #expect(unlisted.unread.map(\.operation) == ["LookupEvents", "ListKeys"])
        #expect(unlisted.unread.first?.resource == nil && unlisted.unread.first?.reason == .denied)
        for after in [undescribed, unlisted] {
            let diff = try InventoryDiff(from: before, to: after)
            #expect(!diff.changes.contains { $0.kind == "caller" })
            #expect(diff.untold > 0)
        }
        // Nobody asked for a key that nothing names any more.
        let gone = try await snapshot { key in
            key.hasSuffix("k-9") ? [[Self.event("Sign", #"{"keyId":"\#(key)"}"#)]] : []
        }
        #expect(gone.callers.count == 1)
        let unnamed = try await snapshot(denying: "GetQueueAttributes") { _ in [] }
        #expect(!(try InventoryDiff(from: gone, to: unnamed).changes.contains { $0.kind == "caller" }))
    }

    @Test("an event that stands on two pages counts once, and so does a call that names one key twice")
    func twice() async throws {
        let snapshot = try await snapshot(keys: ["k-1"]) { key in
            let both = Self.event("ReEncrypt", #"{"sourceKeyId":"k-1","destinationKeyId":"\#(key)"}"#, minute: 4)
            let sign = Self.event("Sign", #"{"keyId":"k-1"}"#, minute: 3)
            return [[both, sign], [sign, Self.event("Sign", #"{"keyId":"k-1"}"#, minute: 2)]]
        }
        #expect(snapshot.callers.map(\.calls) == [3])
    }

    @Test("more callers than are counted are a gap, and those that were counted stand there")
    func full() async throws {
        let snapshot = try await snapshot(mostCallers: 2, keys: ["k-1"]) { _ in
            [(1...5).map { Self.event("Sign", #"{"keyId":"k-1"}"#, by: "arn:aws:iam::1:user/u-\($0)") }]
        }
        #expect(snapshot.callers.count == 2)
        #expect(
            snapshot.unread.map { [$0.operation, $0.reason.rawValue, $0.resource?.text] } == [
                ["LookupEvents", "too-many", nil]
            ])
    }

    @Test("of a key with too many events the newest are looked at, and how far back; other keys are none the worse")
    func tooMany() async throws {
        let asked = Asked()
        let snapshot = try await snapshot(asked: asked, most: 3) { key in
            guard key == Self.arn("k-1") else { return [[Self.event("Sign", #"{"keyId":"k-2"}"#)], []] }
            return (0..<9).map { page in
                (0..<2).map { Self.event("GenerateMac", #"{"keyId":"k-1"}"#, minute: 40 - page * 2 - $0) }
            }
        }
        // Two pages of the one, both of each other.
        #expect(asked.pages.withLock { $0 } == 6)
        #expect(snapshot.callers.map(\.calls) == [4, 1])
        let gap = try #require(snapshot.unread.first)
        #expect(snapshot.unread.count == 1 && gap.reason == .tooMany && gap.resource?.text == Self.arn("k-1"))
        #expect(gap.message?.text == "The newest 3 of its events were looked at, back to 2026-07-01T11:37:00Z.")
        let impact = Impact(of: snapshot, at: Self.began)
        let (busy, quiet) = (try impact.report(on: ["k-1"]), try impact.report(on: ["k-2"]))
        #expect(busy.unread.count == 1 && busy.isLimited && busy.keys.first?.isWhole == false)
        #expect(quiet.unread.isEmpty && !quiet.isLimited && quiet.keys.first?.isWhole == true)
    }

    @Test("an event that cannot be read is named, and the others of its key are counted")
    func malformed() async throws {
        let snapshot = try await snapshot(keys: ["k-1"]) { _ in
            let good = Self.event("Sign", #"{"keyId":"k-1"}"#)
            let bad = LookedUpEvent(
                id: "bad", name: "Sign", readOnly: nil, accessKeyID: nil, time: good.time, source: good.source,
                username: nil, resources: [], text: good.text.replacing("eventTime", with: "eventTim"))
            return [[bad, good, bad]]
        }
        #expect(snapshot.callers.map(\.calls) == [1])
        #expect(snapshot.unread.map(\.reason) == [.unusable])
        #expect(snapshot.unread.first?.message?.text == "event bad: it has no eventTime")
    }
}
