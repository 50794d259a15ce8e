import AWS
import CryptoPrimitives
import Foundation
import NIOSSL
import Testing

@Suite("TLS", .timeLimit(.minutes(60)))
struct TLSTests {
    @Test("a server that the system's CAs do not vouch for is sent nothing, and asked once")
    func unknownCA() async throws {
        try await Scratch.using { scratch in
            let identity = try await Identity.make(in: scratch, name: "IP:127.0.0.1")
            try await ScriptedServer.playing([], tls: identity.server()) { server in
                let time = TestTime()
                let client = try KMSClient(.example(server.endpoint, time: time))
                let error = try await failure { _ = try await client.describeKey(KMSClientTests.describe) }
                guard case .untrusted = error else { throw Unexpected(error) }
                #expect(error.description.contains("CERTIFICATE_VERIFY_FAILED"))
                #expect(time.waits.isEmpty)
            }
        }
    }

    @Test("with its CA it is trusted, and the certificate of the answer's connection is told")
    func knownCA() async throws {
        try await Scratch.using { scratch in
            let identity = try await Identity.make(in: scratch, name: "IP:127.0.0.1")
            let reply = Reply.answer(KMSClientTests.described)
            try await ScriptedServer.playing([reply, reply], tls: identity.server()) { server in
                let client = try KMSClient(.example(server.endpoint, caFile: identity.ca))
                for _ in 0..<2 {
                    let answer = try await client.describeKey(KMSClientTests.describe)
                    #expect(try answer.tlsLeafSHA256 == SHA256Digest(of: Data(contentsOf: identity.leafDER)))
                }
            }
        }
    }

    @Test("a certificate for another name is refused, though its CA is known")
    func otherName() async throws {
        try await Scratch.using { scratch in
            let identity = try await Identity.make(in: scratch, name: "DNS:kms.eu-central-1.amazonaws.com")
            try await ScriptedServer.playing([], tls: identity.server()) { server in
                let client = try KMSClient(.example(server.endpoint, caFile: identity.ca))
                let error = try await failure { _ = try await client.describeKey(KMSClientTests.describe) }
                guard case .untrusted = error else { throw Unexpected(error) }
            }
        }
    }

    @Test("a CA file that is missing, empty or no PEM is told before anything is sent")
    func badCAFile() async throws {
        try await Scratch.using { scratch in
            try Data("hello".utf8).write(to: scratch.folder.appending(path: "text.pem"))
            try Data().write(to: scratch.folder.appending(path: "empty.pem"))
            for name in ["missing.pem", "text.pem", "empty.pem"] {
                let error = try await failure {
                    _ = try KMSClient(.example(Endpoint("https://127.0.0.1:1"), caFile: scratch.path(name)))
                }
                guard case .configuration(let reason) = error else { throw Unexpected(error) }
                #expect(reason.contains(name))
            }
        }
    }
}

/// A throwaway CA and a server certificate under it, made by the openssl program.
struct Identity {
    let ca: String
    let leaf: String
    let leafDER: URL
    let key: String

    static func make(in scratch: Scratch, name: String) async throws -> Identity {
        let openssl = "/usr/bin/openssl"
        try Data("subjectAltName=\(name)\n".utf8).write(to: scratch.folder.appending(path: "leaf.ext"))
        try await scratch.run(
            openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=test CA", "-keyout", "ca.key", "-out", "ca.pem")
        try await scratch.run(
            openssl, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=test",
            "-keyout", "leaf.key", "-out", "leaf.csr")
        try await scratch.run(
            openssl, "x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
            "2", "-extfile", "leaf.ext", "-out", "leaf.pem")
        try await scratch.run(openssl, "x509", "-in", "leaf.pem", "-outform", "DER", "-out", "leaf.der")
        return Identity(
            ca: scratch.path("ca.pem"), leaf: scratch.path("leaf.pem"),
            leafDER: scratch.folder.appending(path: "leaf.der"),
            key: scratch.path("leaf.key"))
    }

    func server() throws -> TLSConfiguration {
        .makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(leaf).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
    }
}
