import AWS
import Foundation
import Testing

/// Calls that must not be made twice, and servers that leave us alone with them.
@Suite("Lost answers and retries", .timeLimit(.minutes(60)))
struct LostAnswerTests {
    static let key = KMSClientTests.key
    static let describe = KMSClientTests.describe
    static let described = KMSClientTests.described

    struct Call: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let ask: @Sendable (KMSClient) async throws -> Void
    }

    static let unrepeatable = [
        Call(testDescription: "CreateKey") { _ = try await $0.createKey(.init()) },
        Call(testDescription: "ImportKeyMaterial") { client in
            _ = try await client.importKeyMaterial(
                .init(keyID: key, importToken: Blob([1]), encryptedKeyMaterial: Blob([2])))
        },
        Call(testDescription: "RotateKeyOnDemand") { _ = try await $0.rotateKeyOnDemand(.init(keyID: key)) },
        Call(testDescription: "CreateAlias") { client in
            _ = try await client.createAlias(.init(aliasName: "alias/a", targetKeyID: key))
        },
        Call(testDescription: "UpdateAlias") { client in
            _ = try await client.updateAlias(.init(aliasName: "alias/a", targetKeyID: key))
        },
    ]

    static let losses: [Reply] = [
        .hangUp, .hangUpInBody, .silence, .silenceInBody, .answer("not JSON"),
        .error("KMSInternalException", status: 500),
        .answer(status: 502, "<html>"), .answer(status: 504, ""),
    ]

    @Test("what must not happen twice is sent once, and its loss is told", arguments: unrepeatable, losses)
    func sentOnce(_ call: Call, _ loss: Reply) async throws {
        try await ScriptedServer.playing([loss]) { server in
            let time = TestTime()
            var configuration = try AWSClient.Configuration.example(server.endpoint, time: time)
            configuration.attemptTimeout = loss.isSilent ? 30 : 120
            let client = try KMSClient(configuration)
            let error = try await failure { try await call.ask(client) }
            guard case .answerLost(let operation, _, _) = error else { throw Unexpected(error) }
            #expect(operation == call.testDescription)
            #expect(error.description.contains("read the state before trying again"))
            #expect(time.waits.isEmpty)
        }
    }

    @Test("a refusal for the pace is asked again, since nothing happened", arguments: unrepeatable)
    func throttled(_ call: Call) async throws {
        let body = #"{"KeyId":"k","KeyMetadata":{"KeyId":"k","Arn":"a","KeyState":"Enabled"}}"#
        try await ScriptedServer.playing([
            .error("ThrottlingException"), .error("ThrottlingException"), .answer(body),
        ]) { server in
            let time = TestTime()
            try await call.ask(try KMSClient(.example(server.endpoint, time: time)))
            #expect(time.waits == [1, 2])
        }
    }

    @Test("a spent budget of rotations is told at once")
    func budget() async throws {
        try await ScriptedServer.playing([.error("LimitExceededException")]) { server in
            let client = try KMSClient(.example(server.endpoint))
            let error = try await failure { _ = try await client.rotateKeyOnDemand(.init(keyID: Self.key)) }
            #expect(error.code == .limitExceeded)
        }
    }

    @Test(
        "a question that changes nothing is asked again after any loss",
        arguments: [
            Reply.hangUp, .hangUpInBody, .silence, .silenceInBody, .error("KMSInternalException", status: 500),
            .answer(status: 503, ""),
        ])
    func askedAgain(_ loss: Reply) async throws {
        try await ScriptedServer.playing([loss, loss, .answer(Self.described)]) { server in
            let time = TestTime()
            var configuration = try AWSClient.Configuration.example(server.endpoint, time: time)
            configuration.attemptTimeout = loss.isSilent ? 30 : 120
            _ = try await KMSClient(configuration).describeKey(Self.describe)
            #expect(time.waits == [0.05, 0.1])
        }
    }

    @Test("what must not happen twice gets a connection of its own, which no server has grown tired of")
    func connections() async throws {
        let rotated = Reply.answer(#"{"KeyId":"\#(Self.key)"}"#)
        let described = Reply.answer(Self.described)
        try await ScriptedServer.playing([described, described, rotated, described]) { server in
            let client = try KMSClient(.example(server.endpoint))
            _ = try await client.describeKey(Self.describe)
            _ = try await client.describeKey(Self.describe)
            _ = try await client.rotateKeyOnDemand(.init(keyID: Self.key))
            _ = try await client.describeKey(Self.describe)
            let ports = try server.received.map { try #require($0.clientPort) }
            #expect(ports[0] == ports[1] && ports[1] == ports[3])
            #expect(ports[2] != ports[0])
        }
    }

    @Test("who gives up waiting for what must not happen twice is told that it may have happened")
    func cancelled() async throws {
        try await ScriptedServer.playing([.silence]) { server in
            let client = try KMSClient(.example(server.endpoint))
            let rotation = Task { try await client.rotateKeyOnDemand(.init(keyID: Self.key)) }
            while server.received.isEmpty { await Task.yield() }
            rotation.cancel()
            let error = try await failure { _ = try await rotation.value }
            guard case .answerLost = error else { throw Unexpected(error) }
        }
    }

    @Test("three attempts are all")
    func threeAttempts() async throws {
        try await ScriptedServer.playing(Array(repeating: .error("ThrottlingException"), count: 3)) { server in
            let time = TestTime()
            let client = try KMSClient(.example(server.endpoint, time: time))
            let error = try await failure { _ = try await client.describeKey(Self.describe) }
            #expect(error.code == .throttling)
            #expect(time.waits == [1, 2])
        }
        try await ScriptedServer.playing(Array(repeating: .hangUp, count: 3)) { server in
            let client = try KMSClient(.example(server.endpoint))
            let error = try await failure { _ = try await client.describeKey(Self.describe) }
            guard case .noAnswer = error else { throw Unexpected(error) }
        }
    }

    @Test(
        "where it is asked for, the pace of others is waited out longer than any other trouble", arguments: unrepeatable
    )
    func patience(_ call: Call) async throws {
        let body = #"{"KeyId":"k","KeyMetadata":{"KeyId":"k","Arn":"a","KeyState":"Enabled"}}"#
        let replies = Array(repeating: Reply.error("ThrottlingException"), count: 7) + [.answer(body)]
        try await ScriptedServer.playing(replies) { server in
            let time = TestTime()
            var configuration = try AWSClient.Configuration.example(server.endpoint, time: time)
            configuration.retryRule.maximumThrottledAttempts = 8
            try await call.ask(try KMSClient(configuration))
            #expect(time.waits == [1, 2, 4, 8, 16, 20, 20])
        }
        try await ScriptedServer.playing(Array(repeating: .hangUp, count: 3)) { server in
            var configuration = try AWSClient.Configuration.example(server.endpoint)
            configuration.retryRule.maximumThrottledAttempts = 8
            let client = try KMSClient(configuration)
            await #expect(throws: AWSError.self) { _ = try await client.describeKey(Self.describe) }
            #expect(server.received.count == 3)
        }
    }

    @Test("where nobody listens nothing was sent, and even what must not happen twice is tried again")
    func nobodyListens() async throws {
        let port = try SilentPort()
        let time = TestTime()
        let client = try KMSClient(.example(Endpoint("http://127.0.0.1:\(port.number)"), time: time))
        let error = try await failure { _ = try await client.rotateKeyOnDemand(.init(keyID: Self.key)) }
        guard case .unreachable(_, _, let reason) = error else { throw Unexpected(error) }
        #expect(reason == "Connection refused (errno 111)")
        #expect(time.waits == [0.05, 0.1])
        withExtendedLifetime(port) {}
    }

    @Test("an answer without end is not read to its end")
    func bodyLimit() async throws {
        let body = String(repeating: " ", count: 5 << 20)
        try await ScriptedServer.playing(Array(repeating: .answer(body), count: 3)) { server in
            let client = try KMSClient(.example(server.endpoint))
            let error = try await failure { _ = try await client.describeKey(Self.describe) }
            guard case .unanswered = error else { throw Unexpected(error) }
        }
    }

    @Test("a clock that is wrong is corrected by the service's, for this call and the next", arguments: [600, -600])
    func skew(_ seconds: Double) async throws {
        let date = HTTPDateExample.text(TestTime.start.addingTimeInterval(seconds))
        let expired = Reply.error(
            "InvalidSignatureException", "Signature expired", headers: ["Date": date])
        let rotated = Reply.answer(#"{"KeyId":"\#(Self.key)"}"#)
        try await ScriptedServer.playing([expired, rotated, rotated]) { server in
            let time = TestTime()
            let client = try KMSClient(.example(server.endpoint, time: time))
            _ = try await client.rotateKeyOnDemand(.init(keyID: Self.key))
            _ = try await client.rotateKeyOnDemand(.init(keyID: Self.key))
            let right = SigningTime(TestTime.start.addingTimeInterval(seconds)).timestamp
            #expect(server.received.map { $0.header("x-amz-date") } == ["20260701T120000Z", right, right])
            #expect(time.waits.isEmpty)
        }
    }

    @Test("a wrong key is no wrong clock")
    func wrongKey() async throws {
        let refusal = Reply.error("InvalidSignatureException", headers: ["Date": HTTPDateExample.text(TestTime.start)])
        try await ScriptedServer.playing([refusal]) { server in
            let client = try KMSClient(.example(server.endpoint))
            let error = try await failure { _ = try await client.describeKey(Self.describe) }
            #expect(error.code == .invalidSignature)
        }
    }
}

extension Reply {
    fileprivate var isSilent: Bool {
        switch self {
        case .silence, .silenceInBody: true
        default: false
        }
    }
}

/// HTTP's dates as Foundation writes them, which our own reader must understand.
enum HTTPDateExample {
    static func text(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: date)
    }
}
