import AWS
import CryptoPrimitives
import Foundation
import Testing

/// Requests that botocore signed (Vectors/make.py).
@Suite("SigV4: botocore's signatures")
struct SigV4VectorTests {
    @Test("our signature is botocore's", arguments: try Vector.all())
    func signs(_ vector: Vector) throws {
        let signed = try vector.signer().sign(vector.request, at: vector.signingTime)
        #expect(signed.values(of: "authorization") == [vector.authorization])
        let covered = try #require(AuthorizationHeader(vector.authorization)).signedHeaders
        #expect(CanonicalRequest(signed, signing: covered).text == vector.canonicalRequest)
    }

    @Test("a received request is verified from its own headers", arguments: try Vector.all())
    func verifies(_ vector: Vector) throws {
        let received = try vector.signer().sign(vector.request, at: vector.signingTime)
        #expect(try Self.isAccepted(received))
    }

    @Test(
        "one change in method, path, query, a header or the body is refused", arguments: try Vector.all().prefix(3))
    func refuses(_ vector: Vector) throws {
        let good = try vector.signer().sign(vector.request, at: vector.signingTime)
        func changed(
            method: String? = nil, path: String? = nil, query: String? = nil, host: String? = nil, body: String? = nil
        ) -> SigningRequest {
            SigningRequest(
                method: method ?? good.method, path: path ?? good.path, query: query ?? good.query,
                headers: good.headers.map { $0.name == "Host" ? .init("Host", host ?? $0.value) : $0 },
                payloadSHA256: body.map { SHA256Digest(of: $0.utf8) } ?? good.payloadSHA256)
        }
        #expect(try Self.isAccepted(changed()))
        #expect(try !Self.isAccepted(changed(method: "GET")))
        #expect(try !Self.isAccepted(changed(path: "/a")))
        #expect(try !Self.isAccepted(changed(query: "a=b")))
        #expect(try !Self.isAccepted(changed(host: "kms.us-east-2.amazonaws.com")))
        #expect(try !Self.isAccepted(changed(body: "{ }")))
        #expect(try !Self.isAccepted(good, secret: "another"))
    }

    @Test(
        "what is not a SigV4 header is not read as one",
        arguments: [
            "", "AWS4-HMAC-SHA256", "Bearer abc",
            "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host",
            "AWS4-HMAC-SHA256 Credential=A/20150830/r/s, SignedHeaders=host, Signature=00",
            "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, Signature=00, Signature=11",
            "AWS4-HMAC-SHA256 Credential=/20150830/r/s/aws4_request, SignedHeaders=host, Signature=00",
        ])
    func refusesHeaders(_ value: String) {
        #expect(AuthorizationHeader(value) == nil)
    }

    @Test("times are read as they are written", arguments: try Vector.all())
    func times(_ vector: Vector) throws {
        #expect(SigningTime(Date(timeIntervalSince1970: vector.secondsSinceEpoch + 0.9)).timestamp == vector.time)
        #expect(try vector.signingTime.date.timeIntervalSince1970 == vector.secondsSinceEpoch)
    }

    @Test(
        "a time that does not exist or is written otherwise is refused",
        arguments: [
            "", "20150830T123600", "20150830 123600Z", "20150230T123600Z", "20151301T000000Z", "20150830T240000Z",
            "20150830T12360aZ", "2015083/T123600Z", "20150830T123660Z",
        ])
    func refusesTimes(_ text: String) {
        #expect(SigningTime(timestamp: text) == nil)
    }

    /// What a service does: take the header apart, look up the secret, compute again.
    private static func isAccepted(_ received: SigningRequest, secret: String = Vector.secret) throws -> Bool {
        let header = try #require(received.values(of: "authorization").first.flatMap { AuthorizationHeader($0) })
        let time = try #require(received.values(of: "x-amz-date").first.flatMap { SigningTime(timestamp: $0) })
        let key = try SigningKey(secretAccessKey: .example(secret), scope: header.scope)
        return try key.accepts(
            header.signature, of: CanonicalRequest(received, signing: header.signedHeaders), at: time)
    }
}

struct Vector: Decodable, Sendable, CustomTestStringConvertible {
    static let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

    let name: String
    let accessKeyID: String
    let secretAccessKey: String
    let sessionToken: String?
    let service: String
    let region: String
    let time: String
    let secondsSinceEpoch: Double
    let method: String
    let path: String
    let query: String
    let headers: [[String]]
    let body: String
    let canonicalRequest: String
    let authorization: String

    var testDescription: String { name }
    var signingTime: SigningTime { get throws { try #require(SigningTime(timestamp: time)) } }
    var request: SigningRequest {
        SigningRequest(
            method: method, path: path, query: query, headers: headers.map { .init($0[0], $0[1]) },
            payloadSHA256: SHA256Digest(of: body.utf8))
    }

    func signer() throws -> RequestSigner {
        RequestSigner(
            credentials: try .example(accessKeyID, secretAccessKey, sessionToken), region: region, service: service)
    }

    static func all() throws -> [Vector] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/sigv4.json")
        return try JSONDecoder().decode([Vector].self, from: Data(contentsOf: file))
    }
}
