import AWS
import CryptoPrimitives
import Foundation
import KMSEmulator
import Testing

@Suite("CloudTrail's record of the emulator's calls")
struct TrailTests {
    private static func client(of listening: KMSEmulator.Listening) throws -> CloudTrailClient {
        try CloudTrailClient(try RunningEmulator.client(of: listening)) {}
    }

    @Test("Keyrite's client reads of it exactly what boto3 reads, over pages, and each call by its request id")
    func agreement() async throws {
        try await RunningEmulator.with { listening in
            let kms = try KMSClient(try RunningEmulator.client(of: listening))
            var requests: [String?] = []
            let made = try await kms.createKey(.init(description: "é \u{1F511} \"quoted\" \\ \u{7}"))
            requests.append(made.requestID)
            for _ in 0..<60 {
                let key = made.output.keyMetadata.keyID
                requests.append(try await kms.encrypt(.init(keyID: key, plaintext: Blob([1]))).requestID)
            }
            let ours = try await Self.client(of: listening).allEvents(.init())
            let peer = try await PythonScript.run(
                "history", endpoint: listening.endpoint, accessKeyID: RunningEmulator.accessKeyID,
                secretAccessKey: RunningEmulator.secretAccessKey)
            #expect(peer.status == 0, "\(peer.output)")
            let theirs = try KMSWire.decode([LookedUpEvent].self, from: Array(peer.output.utf8))
            #expect(ours == theirs)
            #expect(try ours.reversed().map { try Self.requestID(of: $0) } == requests)
        }
    }

    @Test("only AWS's own shape of a lookup is taken")
    func refusals() async throws {
        try await RunningEmulator.with { listening in
            let client = try Self.client(of: listening)
            for (input, code) in [
                (LookupEvents.Input(maxResults: 0), "InvalidMaxResultsException"),
                (.init(attribute: LookupAttribute(.eventName, "")), "InvalidLookupAttributesException"),
                (.init(startTime: Timestamp(secondsSinceEpoch: -1)), "InvalidTimeRangeException"),
                (.init(nextToken: Base64.encode(Array("a b c d".utf8))), "InvalidNextTokenException"),
            ] {
                let refusal = await #expect(throws: AWSError.self) { _ = try await client.lookupEvents(input) }
                #expect(refusal?.code?.rawValue == code)
            }
        }
    }

    @Test("the oldest half is forgotten, by number and by size")
    func bounded() {
        let few = EventTrail(capacity: 4)
        for number in 1...11 { few.add(Self.event(number, bytes: 10), of: "r", requestID: nil, now: Date()) }
        #expect((2...4).contains(few.count))
        let large = EventTrail(size: 100_000)
        for number in 1...100 { large.add(Self.event(number, bytes: 9_000), of: "r", requestID: nil, now: Date()) }
        #expect((5...10).contains(large.count))
        large.add(Self.event(0, bytes: 200_000), of: "r", requestID: nil, now: Date())
        #expect(large.count <= 10)
    }

    /// What is asked for in a call is the caller's to say, and an event has room for so much of it.
    @Test("a call of any size has an event that CloudTrail could hold")
    func largeCall() async throws {
        try await RunningEmulator.with { listening in
            let kms = try KMSClient(try RunningEmulator.client(of: listening))
            let long = String(repeating: "x", count: 500_000)
            await #expect(throws: AWSError.self) { _ = try await kms.createKey(.init(description: long)) }
            let event = try #require(try await Self.client(of: listening).allEvents(.init()).first)
            #expect(event.text.utf8.count < 4096)
            #expect(event.text.contains(#""errorCode":"ValidationException""#))
        }
    }

    private static func requestID(of event: LookedUpEvent) throws -> String? {
        struct Record: Decodable { let requestID: String? }
        return try KMSWire.decode(Record.self, from: Array(event.text.utf8)).requestID
    }

    private static func event(_ second: Int, bytes: Int) -> LookedUpEvent {
        LookedUpEvent(
            id: "\(second)", name: "n", readOnly: nil, accessKeyID: nil,
            time: Timestamp(secondsSinceEpoch: Double(second)), source: "s", username: nil, resources: [],
            text: String(repeating: "x", count: bytes))
    }
}
