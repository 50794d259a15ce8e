import CryptoPrimitives
import Foundation

/// What passes between a host and a time-stamping authority (RFC 3161). Files beside this one have a request, the answer to
/// it, and the certificate of its authority, whose key is gone: nothing else can be an answer.
enum Stamps {
    static func request(_ bytes: [UInt8]) throws {
        let imprint = try held.get().request.imprint
        let read = try Finding.refusing(CryptoError.self) { try TimeStampRequest(der: bytes, over: imprint) }
        try Finding.unless(read.map { $0.der == bytes } ?? true, "a request in two forms")
    }

    static func answer(_ bytes: [UInt8]) throws {
        let held = try held.get()
        let answer = try Finding.refusing(CryptoError.self) {
            try TimeStampAnswer(der: bytes, to: held.request, trusting: held.authorities)
        }
        try Finding.unless(answer == nil || bytes == held.answer, "an answer that the authority never gave")
        // Without authorities everybody can answer, but nothing else than an error for people may come of it.
        _ = try Finding.refusing(CryptoError.self) { try TimeStampAnswer(der: bytes, to: held.request) }
    }

    static func authorities(_ bytes: [UInt8]) throws {
        _ = try Finding.refusing(CryptoError.self) { try TimeStampAuthorities(pem: bytes) }
    }

    private struct Held: Sendable {
        let request: TimeStampRequest
        let answer: [UInt8]
        let authorities: TimeStampAuthorities
    }

    private static let held = Result {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Stamp")
        func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }
        return Held(
            request: try TimeStampRequest(der: try read("request.tsq"), over: SHA256Digest(of: "message".utf8)),
            answer: try read("answer.tsr"), authorities: try TimeStampAuthorities(pem: try read("authority.pem")))
    }
}
