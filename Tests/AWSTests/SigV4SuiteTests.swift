import AWS
import CryptoPrimitives
import Foundation
import Testing

/// AWS's own signing suite, read where it lies beside the package; nothing of it is copied here.
@Suite("SigV4: AWS's suite", .enabled(if: SigV4Suite.folder != nil, "no ../shared/sigv4-suite here"))
struct SigV4SuiteTests {
    @Test("canonical request, string to sign and signed request are the suite's", arguments: SigV4Suite.cases)
    func signs(_ name: String) throws {
        let vector = try SigV4Suite.vector(name)
        let prepared = vector.signer.prepared(vector.request, at: vector.time)
        let canonical = CanonicalRequest(prepared, normalizingPath: vector.signer.options.normalizesPath)
        #expect(try canonical.text == vector.text("header-canonical-request.txt"))

        let scope = CredentialScope(day: vector.time.day, region: vector.signer.region, service: vector.signer.service)
        let key = try SigningKey(secretAccessKey: vector.signer.credentials.secretAccessKey, scope: scope)
        #expect(try key.stringToSign(canonical, at: vector.time) == vector.text("header-string-to-sign.txt"))
        #expect(try key.signature(of: canonical, at: vector.time) == vector.text("header-signature.txt"))

        let signed = try vector.signer.sign(vector.request, at: vector.time)
        let expected = try SigV4Suite.parse(vector.text("header-signed-request.txt")).headers
        #expect(Set(signed.headers.map(SigV4Suite.folded)) == Set(expected.map(SigV4Suite.folded)))
    }

    @Test("the suite is whole")
    func whole() {
        #expect(SigV4Suite.cases.count == 38)
    }
}

private enum SigV4Suite {
    struct Vector {
        let folder: URL
        let request: SigningRequest
        let signer: RequestSigner
        let time: SigningTime

        func text(_ name: String) throws -> String {
            try String(contentsOf: folder.appending(path: name), encoding: .utf8)
                .trimmingCharacters(in: .newlines)
        }
    }

    struct Context: Decodable {
        struct Keys: Decodable {
            let accessKeyId: String
            let secretAccessKey: String
            let token: String?
        }
        let credentials: Keys
        let normalize: Bool
        let region: String
        let service: String
        let signBody: Bool
        let timestamp: String
        let omitSessionToken: Bool?
    }

    static let folder: URL? = {
        let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        return [
            package.appending(path: "../shared/sigv4-suite").standardized, URL(filePath: "/work/shared/sigv4-suite"),
        ]
        .first { FileManager.default.fileExists(atPath: $0.path) }
    }()

    static let cases: [String] = {
        guard let folder else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter {
            FileManager.default.fileExists(atPath: folder.appending(path: "\($0)/context.json").path)
        }
        .sorted()
    }()

    static func vector(_ name: String) throws -> Vector {
        let folder = try #require(folder).appending(path: name)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let context = try decoder.decode(
            Context.self, from: Data(contentsOf: folder.appending(path: "context.json")))
        var options = RequestSigner.Options()
        options.normalizesPath = context.normalize
        options.sendsPayloadSHA256 = context.signBody
        options.leavesSessionTokenUnsigned = context.omitSessionToken ?? false
        let signer = RequestSigner(
            credentials: try .example(
                context.credentials.accessKeyId, context.credentials.secretAccessKey, context.credentials.token),
            region: context.region, service: context.service, options: options)
        let request = try parse(String(contentsOf: folder.appending(path: "request.txt"), encoding: .utf8))
        let stamp = context.timestamp.filter { $0 != "-" && $0 != ":" }
        return Vector(
            folder: folder, request: request, signer: signer, time: try #require(SigningTime(timestamp: stamp)))
    }

    /// A request as the suite writes it: a target may hold spaces, a header may go on over indented lines.
    static func parse(_ text: String) throws -> SigningRequest {
        let parts = text.split(separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = parts[0].split(separator: "\n")
        let first = try #require(lines.first)
        let method = first.prefix { $0 != " " }
        let target = first.dropFirst(method.count + 1).dropLast(" HTTP/1.1".count)
        let pieces = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var headers: [SigningRequest.Header] = []
        for line in lines.dropFirst() {
            if line.hasPrefix(" "), let last = headers.popLast() {
                headers.append(.init(last.name, last.value + "\n" + line))
            } else {
                let pair = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                headers.append(.init(pair[0], pair[1]))
            }
        }
        return SigningRequest(
            method: String(method), path: pieces[0], query: pieces.count == 2 ? pieces[1] : "", headers: headers,
            payloadSHA256: SHA256Digest(of: parts.count == 2 ? Array(parts[1].utf8) : []))
    }

    /// Header names without case: the suite writes what its own signer happened to.
    static func folded(_ header: SigningRequest.Header) -> String {
        header.name.lowercased() + ":" + header.value
    }
}
