import AWS
import Foundation
import Testing

@Suite("Every answer's Date is held to this host's clock", .timeLimit(.minutes(60)))
struct ClockWatchTests {
    /// - Parameter seconds: How far the service's clock is ahead of the host's; nil for an answer without a Date.
    private static func reply(_ seconds: Double?) -> Reply {
        .answer(KMSClientTests.described, headers: seconds.map { ["Date": date($0)] } ?? [:])
    }

    private static func date(_ seconds: Double) -> String {
        HTTPDateExample.text(TestTime.start.addingTimeInterval(seconds))
    }

    @Test("five minutes are borne; the first answer beyond them stays found, whatever comes after it")
    func found() async throws {
        try await ScriptedServer.playing([nil, 300, 301, 900, 0].map(Self.reply)) { server in
            let watch = ClockWatch()
            var configuration = try AWSClient.Configuration.example(server.endpoint)
            configuration.clockWatch = watch
            let client = try KMSClient(configuration)
            for _ in 1...2 { _ = try await client.describeKey(KMSClientTests.describe) }
            #expect(watch.difference == nil)
            for _ in 1...3 { _ = try await client.describeKey(KMSClientTests.describe) }
            let late = TestTime.start.addingTimeInterval(301)
            #expect(watch.difference == ClockWatch.Difference(service: late, host: TestTime.start))
            watch.begin()
            #expect(watch.difference == nil)
        }
    }

    /// What AWS answers to a signature of another time than its own.
    private static let refused = Reply.error(
        "InvalidSignatureException", "Signature expired", headers: ["Date": date(600)])

    @Test("what only looks is signed again by the service's clock, and what has an effect is not")
    func signedAgain() async throws {
        try await ScriptedServer.playing([Self.refused, Self.reply(600), Self.refused]) { server in
            let watch = ClockWatch()
            var configuration = try AWSClient.Configuration.example(server.endpoint)
            configuration.clockWatch = watch
            _ = try await KMSClient(configuration).describeKey(KMSClientTests.describe)
            #expect(watch.difference != nil)
            let error = await #expect(throws: AWSError.self) {
                _ = try await KMSClient(configuration).rotateKeyOnDemand(.init(keyID: KMSClientTests.key))
            }
            #expect(error?.code == .invalidSignature)
            #expect(server.received.count == 3)
        }
    }
}
