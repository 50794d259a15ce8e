import AWS
import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Room
import Testing

@Suite("KMS as a ceremony asks it")
struct KeyServiceTests {
    private static let key = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

    @Test("a fetch over TLS brings the SHA-256 of the certificate that the server showed")
    func certificateOfAFetch() async throws {
        try await Scratch.using { scratch in
            let identity = try await Identity.make(in: scratch, name: "IP:127.0.0.1")
            let answer = """
                {"KeyId": "\(Self.key)", "ImportToken": "dG9rZW4=", "PublicKey": "a2V5", "ParametersValidTo": 1795000000}
                """
            let reply = Reply.answer(answer, headers: ["x-amzn-RequestId": "fetch-1"])
            try await ScriptedServer.playing([reply], tls: identity.server()) { server in
                let configuration = try AWSClient.Configuration.example(server.endpoint, caFile: identity.ca)
                let service = KeyService(
                    kms: try KMSClient(configuration), sts: try STSClient(configuration),
                    quotas: Quotas())
                let fetched = try await service.importParameters(of: Self.key, algorithm: .oaep, keySpec: "RSA_4096")
                #expect(try fetched.tlsLeaf == SHA256Digest(of: Data(contentsOf: identity.leafDER)))
                #expect(fetched.token == Array("token".utf8))
                #expect(fetched.publicKey == Array("key".utf8))
                #expect("\(fetched.validUntil)" == "2026-11-18T11:06:40Z")
                #expect(fetched.request == "fetch-1")
            }
        }
    }

    /// KMS may not have shown it yet: that is for the ceremony to know.
    @Test("a key that KMS has not is that in every question, not a refusal", arguments: 0..<6)
    func noSuchKey(question: Int) async throws {
        let found = Reply.answer(
            #"{"KeyMetadata": {"KeyId": "1", "Arn": "\#(Self.key)", "KeyState": "PendingImport"}}"#)
        let missing = Reply.error("NotFoundException")
        let replies = question == 1 ? [found, missing] : [missing]
        try await ScriptedServer.playing(replies) { server in
            let configuration = try AWSClient.Configuration.example(server.endpoint)
            let service = KeyService(
                kms: try KMSClient(configuration), sts: try STSClient(configuration), quotas: Quotas())
            let error = await #expect(throws: NoSuchKey.self) {
                switch question {
                case 0: _ = try await service.settings(of: Self.key)
                case 1: _ = try await service.settings(of: Self.key)
                case 2: _ = try await service.policy(of: Self.key)
                case 3:
                    _ = try await service.importParameters(of: Self.key, algorithm: .oaep, keySpec: "RSA_4096")
                case 4: _ = try await service.encrypt([1], with: Self.key)
                default: _ = try await service.describe(Self.key)
                }
            }
            #expect(error?.key == Self.key)
        }
    }
}
