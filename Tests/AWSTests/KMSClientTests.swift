import AWS
import CryptoPrimitives
import Foundation
import Synchronization
import Testing

@Suite("The KMS client on the wire", .timeLimit(.minutes(60)))
struct KMSClientTests {
    static let key = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    static let describe = DescribeKey.Input(keyID: "alias/payments")
    static let described = #"{"KeyMetadata":{"KeyId":"1234abcd","Arn":"\#(key)","KeyState":"Enabled"}}"#

    @Test("a request is what AWS JSON 1.1 asks for, and its signature covers every header it needs")
    func request() async throws {
        try await ScriptedServer.playing([.answer(Self.described)]) { server in
            let client = try KMSClient(.example(server.endpoint, token: Credentials.exampleToken))
            _ = try await client.describeKey(Self.describe)
            let received = try #require(server.received.first)
            #expect(received.method == "POST")
            #expect(received.target == "/")
            #expect(received.header("content-type") == "application/x-amz-json-1.1")
            #expect(received.header("x-amz-target") == "TrentService.DescribeKey")
            #expect(received.header("x-amz-security-token") == Credentials.exampleToken)
            #expect(String(decoding: received.body, as: UTF8.self) == #"{"KeyId":"alias/payments"}"#)

            let header = try #require(received.header("authorization").flatMap { AuthorizationHeader($0) })
            #expect(
                header.signedHeaders == ["content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target"])
            #expect(header.scope == CredentialScope(day: "20260701", region: "eu-central-1", service: "kms"))
            let canonical = CanonicalRequest(
                SigningRequest(
                    method: "POST", path: "/", headers: received.headers,
                    payloadSHA256: SHA256Digest(of: received.body)),
                signing: header.signedHeaders)
            let time = try #require(received.header("x-amz-date").flatMap { SigningTime(timestamp: $0) })
            let key = try SigningKey(secretAccessKey: .example(Credentials.exampleSecret), scope: header.scope)
            #expect(try key.accepts(header.signature, of: canonical, at: time))
        }
    }

    /// One access key after the other.
    private final class Changing: CredentialsProvider {
        static let secrets = [
            Credentials.exampleSecret, Credentials.exampleSecret, "another/EXAMPLE/secret", "another/EXAMPLE/secret",
            Credentials.exampleSecret,
        ]
        private let all: [Credentials]
        private let next = Mutex(0)

        init() throws {
            let same = try Set(Self.secrets).map { ($0, try Credentials.example("AKIAIOSFODNN7EXAMPLE", $0)) }
            let known = Dictionary(uniqueKeysWithValues: same)
            all = Self.secrets.compactMap { known[$0] }
        }

        func credentials(at now: Date) -> Credentials {
            next.withLock { next in
                defer { next += 1 }
                return all[next]
            }
        }
    }

    @Test("whatever key it signed with before, it signs with that of the secret and the day")
    func signingKeys() async throws {
        let answers = Array(repeating: Reply.answer(Self.described), count: Changing.secrets.count)
        try await ScriptedServer.playing(answers) { server in
            let asked = Mutex(0)
            var configuration = try AWSClient.Configuration.example(server.endpoint)
            configuration.credentials = try Changing()
            // The last two calls are made on the next day.
            configuration.timekeeper = Timekeeper(
                now: { TestTime.start.addingTimeInterval(asked.withLock { $0 } < 3 ? 0 : 86_400) }, wait: { _ in },
                jitter: { 1 })
            let client = try KMSClient(configuration)
            for _ in answers {
                _ = try await client.describeKey(Self.describe)
                asked.withLock { $0 += 1 }
            }
            var days: [String] = []
            for (received, secret) in zip(server.received, Changing.secrets) {
                let header = try #require(received.header("authorization").flatMap { AuthorizationHeader($0) })
                let canonical = CanonicalRequest(
                    SigningRequest(
                        method: "POST", path: "/", headers: received.headers,
                        payloadSHA256: SHA256Digest(of: received.body)),
                    signing: header.signedHeaders)
                let time = try #require(received.header("x-amz-date").flatMap { SigningTime(timestamp: $0) })
                let key = try SigningKey(secretAccessKey: .example(secret), scope: header.scope)
                #expect(try key.accepts(header.signature, of: canonical, at: time))
                days.append(header.scope.day)
            }
            #expect(days == ["20260701", "20260701", "20260701", "20260702", "20260702"])
        }
    }

    @Test("an answer carries request id and the service's date, and no certificate where there is no TLS")
    func metadata() async throws {
        let headers = ["x-amzn-RequestId": "7a1b", "Date": "Wed, 01 Jul 2026 12:00:03 GMT"]
        try await ScriptedServer.playing([.answer(Self.described, headers: headers)]) { server in
            let answer = try await KMSClient(.example(server.endpoint)).describeKey(Self.describe)
            #expect(answer.output.keyMetadata.arn == Self.key)
            #expect(answer.requestID == "7a1b")
            #expect(answer.serverDate == TestTime.start.addingTimeInterval(3))
            #expect(answer.tlsLeafSHA256 == nil)
        }
    }

    @Test("an empty body is an empty answer")
    func noOutput() async throws {
        try await ScriptedServer.playing([.answer("")]) { server in
            _ = try await KMSClient(.example(server.endpoint))
                .updateAlias(.init(aliasName: "alias/payments", targetKeyID: Self.key))
        }
    }

    @Test("values that AWS invents tomorrow are kept and hurt nothing else")
    func unknownValues() async throws {
        let body = #"""
            {"KeyMetadata":{"KeyId":"k","Arn":"a","KeyState":"Dreaming","KeySpec":"AES_512","CreationDate":1.7829072E9,
            "Sparkle":{"a":[1]}}}
            """#
        try await ScriptedServer.playing([.answer(body)]) { server in
            let metadata = try await KMSClient(.example(server.endpoint)).describeKey(Self.describe).output.keyMetadata
            #expect(metadata.keyState == KeyState(rawValue: "Dreaming"))
            #expect(metadata.keySpec?.rawValue == "AES_512")
            #expect(metadata.creationDate?.date == TestTime.start)
        }
    }

    @Test(
        "an error's code loses namespace and address, wherever it stands",
        arguments: [
            Reply.error("NotFoundException"), .error("com.amazonaws.kms#NotFoundException"),
            .error("NotFoundException:http://internal.amazon.com/"),
            .answer(status: 400, #"{"message":"no"}"#, headers: ["x-amzn-ErrorType": "NotFoundException:http://a/"]),
        ])
    func errorCodes(_ reply: Reply) async throws {
        try await ScriptedServer.playing([reply]) { server in
            let client = try KMSClient(.example(server.endpoint))
            let error = try await failure { _ = try await client.describeKey(Self.describe) }
            #expect(error.code == .notFound)
            #expect(
                error.description
                    == "DescribeKey was refused with NotFoundException: no (HTTP 400, request without id)")
        }
    }

    @Test("an error page of a stranger is an error without a name", arguments: [301, 307, 403, 418])
    func strangers(_ status: Int) async throws {
        let reply = Reply.answer(status: status, "<html>", headers: ["Location": "https://example.com/"])
        try await ScriptedServer.playing([reply]) { server in
            let client = try KMSClient(.example(server.endpoint))
            let error = try await failure { _ = try await client.describeKey(Self.describe) }
            #expect(error.code == .unnamed)
            #expect(error.description.contains("HTTP \(status)"))
        }
    }

    @Test("no error shows the session token or moves the cursor, whatever the service quotes")
    func redaction() async throws {
        let message = "The Canonical String should have been x-amz-security-token:\(Credentials.exampleToken)\\u001b[2J"
        try await ScriptedServer.playing([.error("InvalidSignatureException", message)]) { server in
            let client = try KMSClient(.example(server.endpoint, token: Credentials.exampleToken))
            let error = try await failure { _ = try await client.describeKey(Self.describe) }
            for text in ["\(error)", String(reflecting: error)] {
                #expect(!text.contains(Credentials.exampleToken))
                #expect(!text.contains("\u{1B}"))
            }
            #expect(error.description.contains("x-amz-security-token:(session token)"))
        }
    }

    @Test("pages are turned to the last, empty ones too, with the marker as it came")
    func pages() async throws {
        let pages = [
            Reply.answer(#"{"Rotations":[{"KeyMaterialId":"a"}],"Truncated":true,"NextMarker":"é/1"}"#),
            .answer(#"{"Rotations":[],"Truncated":true,"NextMarker":"2"}"#),
            .answer(#"{"Rotations":[{"KeyMaterialId":"b"}],"Truncated":false}"#),
        ]
        try await ScriptedServer.playing(pages) { server in
            let materials = try await KMSClient(.example(server.endpoint)).allKeyMaterials(keyID: "k")
            #expect(materials.map(\.keyMaterialID) == ["a", "b"])
            let markers = try server.received.map { try KMSWire.decode(ListKeyRotations.Input.self, from: $0.body) }
            #expect(markers.map(\.marker) == [nil, "é/1", "2"])
            #expect(markers.allSatisfy { $0.includeKeyMaterial == .allKeyMaterial })
        }
    }

    @Test("pages in a circle, or cut off, are an error and no half list", arguments: [#","NextMarker":"1""#, ""])
    func endlessPages(_ next: String) async throws {
        let page = Reply.answer(#"{"Aliases":[],"Truncated":true\#(next)}"#)
        try await ScriptedServer.playing(next.isEmpty ? [page] : [page, page]) { server in
            let client = try KMSClient(.example(server.endpoint))
            let error = try await failure { _ = try await client.allAliases() }
            guard case .unanswered = error else { throw Unexpected(error) }
        }
    }

    @Test("many questions at once each get their own answer")
    func parallel() async throws {
        try await ScriptedServer.playing(Array(repeating: .answer(Self.described), count: 20)) { server in
            let client = try KMSClient(.example(server.endpoint))
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await client.describeKey(Self.describe).output.keyMetadata.arn }
                }
                for try await arn in group { #expect(arn == Self.key) }
            }
        }
    }

    @Test("an answer that cannot be read says what is wrong and quotes nothing of it")
    func unreadable() async throws {
        let replies = [Reply.answer(#"{"KeyId":"SECRET","Plaintext":7}"#), .answer("SECRET"), .answer("{}")]
        try await ScriptedServer.playing(replies) { server in
            let client = try KMSClient(.example(server.endpoint))
            for _ in 0..<2 {
                let error = try await failure { _ = try await client.decrypt(.init(ciphertextBlob: Blob([1]))) }
                guard case .unanswered = error else { throw Unexpected(error) }
                #expect(!error.description.contains("SECRET"))
            }
            let error = try await failure { _ = try await client.describeKey(Self.describe) }
            #expect(error.description.contains("lacks KeyMetadata"))
        }
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ error: any Error) {
        description = "unexpected: \(error)"
    }
}

/// The error that `body` throws, which must be ours.
func failure(_ body: () async throws -> Void) async throws -> AWSError {
    do {
        try await body()
    } catch let error as AWSError {
        return error
    }
    Issue.record("nothing was thrown")
    throw CancellationError()
}
