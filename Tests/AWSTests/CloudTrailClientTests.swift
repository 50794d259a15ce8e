import AWS
import Foundation
import Synchronization
import Testing

@Suite("The CloudTrail client on the wire", .timeLimit(.minutes(60)))
struct CloudTrailClientTests {
    /// An event as CloudTrail lists it, with some members in place of its own.
    private static func event(_ members: [String: Any] = [:]) throws -> String {
        let event: [String: Any] = [
            "EventId": "c7abd205-a5a2-4430-bbfa-fc10f3e2d79f", "EventName": "ImportKeyMaterial", "ReadOnly": "false",
            "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "EventTime": 1_782_907_200, "EventSource": "kms.amazonaws.com",
            "Username": "Alice", "Resources": [["ResourceType": "AWS::KMS::Key", "ResourceName": "arn:aws:kms:x"]],
            "CloudTrailEvent": #"{"eventID":"c7abd205"}"#,
        ].merging(members) { $1 }
        return String(decoding: try JSONSerialization.data(withJSONObject: event), as: UTF8.self)
    }

    private static func page(_ events: [String], next: String? = nil) -> Reply {
        let token = next.map { #","NextToken":"\#($0)""# } ?? ""
        return .answer(#"{"Events":[\#(events.joined(separator: ","))]\#(token)}"#)
    }

    private static func client(_ server: ScriptedServer) throws -> CloudTrailClient {
        try CloudTrailClient(.example(server.endpoint)) {}
    }

    @Test("a lookup asks as AWS JSON 1.1 has it, and brings the events with their text byte for byte")
    func lookup() async throws {
        let text = #"{"eventID" : "c7abd205",  "é":"\/"}"#
        try await ScriptedServer.playing([Self.page([try Self.event(["CloudTrailEvent": text])])]) { server in
            let events = try await Self.client(server).allEvents(
                .init(
                    attribute: LookupAttribute(.eventName, "ImportKeyMaterial"),
                    startTime: Timestamp(secondsSinceEpoch: 1_782_900_000), maxResults: 7))
            let received = try #require(server.received.first)
            #expect(
                received.header("x-amz-target")
                    == "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents")
            #expect(received.header("authorization")?.contains("/eu-central-1/cloudtrail/aws4_request") == true)
            let asked = #"[{"AttributeKey":"EventName","AttributeValue":"ImportKeyMaterial"}]"#
            #expect(
                String(decoding: received.body, as: UTF8.self)
                    == #"{"LookupAttributes":\#(asked),"MaxResults":7,"StartTime":1782900000}"#)
            let event = try #require(events.first)
            #expect(Array(event.text.utf8) == Array(text.utf8))
            #expect(event.time.date == TestTime.start && event.username == "Alice" && event.readOnly == "false")
            #expect(event.resources == [.init(type: "AWS::KMS::Key", name: "arn:aws:kms:x")])
        }
    }

    @Test("pages are turned to the last, each with a turn of its own, empty ones too")
    func pages() async throws {
        let one = try Self.event(["EventId": "1"])
        let two = try Self.event(["EventId": "2"])
        let script = [Self.page([one], next: "a"), Self.page([], next: "b"), Self.page([two])]
        try await ScriptedServer.playing(script) { server in
            let turns = Mutex(0)
            let client = try CloudTrailClient(.example(server.endpoint)) { turns.withLock { $0 += 1 } }
            let events = try await client.allEvents(.init(attribute: LookupAttribute(.readOnly, "false")))
            #expect(events.map(\.id) == ["1", "2"])
            let turnsTaken = turns.withLock { $0 }
            #expect(turnsTaken == 3)
            let asked = try server.received.map { try KMSWire.decode(LookupEvents.Input.self, from: $0.body) }
            #expect(asked.map(\.nextToken) == [nil, "a", "b"])
            #expect(asked.allSatisfy { $0.lookupAttributes == [LookupAttribute(.readOnly, "false")] })
        }
    }

    @Test("pages in a circle end in an error")
    func endless() async throws {
        let script = [Self.page([], next: "a"), Self.page([], next: "b"), Self.page([], next: "a")]
        try await ScriptedServer.playing(script) { server in
            let client = try Self.client(server)
            let error = try await failure { _ = try await client.allEvents(.init()) }
            #expect(error.description.contains("a page leads back to one before it"))
        }
    }

    @Test("no more events are gathered than there is room for")
    func gathered() async throws {
        let script = [Self.page([try Self.event()], next: "a"), Self.page([try Self.event(), try Self.event()])]
        try await ScriptedServer.playing(script) { server in
            let client = try Self.client(server)
            let error = try await failure { _ = try await client.allEvents(.init(), limit: 2) }
            #expect(error.description.contains("there are more than 2 events"))
        }
    }

    @Test("what is beyond AWS's own limits is refused by name, and what is missing too")
    func bounds() async throws {
        let long = String(repeating: "x", count: 4097)
        let cases: [(Reply, String)] = [
            (Self.page(Array(repeating: try Self.event(), count: 51)), "51 events in a page"),
            (
                Self.page([try Self.event(["CloudTrailEvent": String(repeating: "x", count: 262_145)])]),
                "an event text of 262145 bytes"
            ),
            (Self.page([try Self.event(["CloudTrailEvent": ""])]), "without its text"),
            (Self.page([try Self.event(["EventId": ""])]), "without id, name or source"),
            (Self.page([try Self.event(["EventTime": 1e300])]), "at no time there is"),
            (Self.page([try Self.event(["EventTime": -1])]), "at no time there is"),
            (Self.page([try Self.event(["ReadOnly": "perhaps"])]), "whose ReadOnly says neither"),
            (Self.page([try Self.event(["Username": long])]), "a name of more than 4096 bytes"),
            (Self.page([try Self.event(["Resources": [["ResourceName": long]]])]), "a name of more than 4096 bytes"),
            (
                Self.page([try Self.event(["Resources": Array(repeating: [String: String](), count: 1001)])]),
                "about 1001 resources"
            ),
            (Self.page([], next: String(repeating: "x", count: 16_385)), "a token of 16385 bytes"),
            (Self.page([], next: ""), "a token of 0 bytes"),
            (Self.page([try Self.event(["CloudTrailEvent": 7])]), "wrong type at Events.0.CloudTrailEvent"),
            (.answer("{}"), "lacks Events"), (.answer("[]"), "wrong type"), (.answer("nothing"), "is not JSON"),
        ]
        try await ScriptedServer.playing(cases.map(\.0)) { server in
            let client = try Self.client(server)
            for (_, reason) in cases {
                let error = try await failure { _ = try await client.lookupEvents(.init()) }
                guard case .unanswered = error else { throw Unexpected(error) }
                #expect(error.description.contains(reason))
            }
        }
    }

    @Test("the longest page that AWS may send is read")
    func longest() async throws {
        let event = try Self.event(["CloudTrailEvent": String(repeating: "\"", count: 262_144)])
        try await ScriptedServer.playing([Self.page(Array(repeating: event, count: 50))]) { server in
            var configuration = try AWSClient.Configuration.example(server.endpoint)
            // 26 MB, read by what was not optimized, beside everything else.
            configuration.attemptTimeout = 300
            let client = try CloudTrailClient(configuration) {}
            let events = try await client.allEvents(.init())
            #expect(events.count == 50)
        }
    }

    @Test("a refusal has its name, and a throttled lookup is asked again")
    func refusals() async throws {
        let script = [Reply.error("ThrottlingException"), .error("InvalidNextTokenException")]
        try await ScriptedServer.playing(script) { server in
            let client = try Self.client(server)
            let error = try await failure { _ = try await client.lookupEvents(.init(nextToken: "x")) }
            #expect(error.code?.rawValue == "InvalidNextTokenException")
        }
    }
}
