import CryptoPrimitives
import Foundation
import NIOHTTP1

/// A server beside this machine that gives credentials to whatever runs here: asked straight, without a proxy, for little,
/// and followed nowhere.
struct MetadataServer: Sendable {
    /// What became of the question, as the end of a sentence about the server.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let endpoint: Endpoint
    /// For one attempt, in seconds.
    let timeout: Double
    let attempts: Int
    /// Between attempts, in seconds.
    let pause: Double

    private static let limit = 64 << 10

    /// - Parameters:
    ///   - path: With the query, if there is one.
    ///   - isBrief: Whether it is to have up to 4,096 bytes that can stand in a header.
    /// - Throws: `Failure`; `CryptoError` when memory cannot be locked; `CancellationError` when the task is cancelled.
    func answer(
        _ method: HTTPMethod = .GET, _ path: String, _ headers: [SigningRequest.Header], isBrief: Bool = false
    ) async throws -> SecretBytes {
        var attempt = 1
        while true {
            do {
                let answer = try await once(method, path, headers)
                guard !isBrief || answer.count <= 4_096 && answer.withUnsafeBytes(Self.isHeaderValue) else {
                    throw Failure(description: "answered \(path) with what is no answer to it")
                }
                return answer
            } catch let failure as Failure {
                guard attempt < attempts else { throw failure }
            }
            attempt += 1
            try await Task.sleep(for: .seconds(pause))
        }
    }

    private func once(
        _ method: HTTPMethod, _ path: String, _ headers: [SigningRequest.Header]
    ) async throws -> SecretBytes {
        let lane = HTTPLane(
            endpoint: endpoint, authorities: nil, proxy: nil, connectTimeout: timeout, idleTimeout: 1)
        let answer: HTTPAnswer
        do {
            answer = try await lane.send(
                method, path: path,
                headers: [.init("Host", endpoint.hostHeader)] + headers + [.init("User-Agent", "keyrite")],
                body: [], timeout: timeout, limit: Self.limit, isSecret: true)
        } catch let error as CancellationError { throw error } catch let error as CryptoError { throw error } catch {
            // What was asked is not quoted: a header may hold a token.
            let reason =
                lane.hasConnected
                ? (error as? AnswerTooLong)?.description ?? "no answer came" : "no connection came about"
            throw Failure(description: "gave no credentials: \(reason)")
        }
        guard let secret = answer.secret else {
            throw Failure(description: "answered \(Printable.text(path, limit: 200)) with HTTP status \(answer.status)")
        }
        return secret
    }

    private static func isHeaderValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

/// What servers of metadata answer with: one JSON object with temporary credentials.
enum MetadataAnswer {
    /// - Parameters:
    ///   - source: Who gave it, for errors.
    ///   - now: What may not be past the expiration.
    /// - Throws: `AWSError.configuration` without a word of the answer; `CryptoError` when memory cannot be locked.
    static func read(_ body: SecretBytes, from source: String, at now: Date) throws -> Credentials {
        do {
            let answer = try SecretJSON(parsing: body)
            if let code = answer.text("Code"), code != "Success" {
                throw AWSError.configuration("\(source) gave no credentials: \(Printable.text(code, limit: 128))")
            }
            guard let keyID = answer.text("AccessKeyId"), let secret = try answer.secret("SecretAccessKey"),
                let token = try answer.secret("Token"), token.count > 0,
                let expiration = answer.text("Expiration").flatMap(ISOTime.parse)
            else {
                throw AWSError.configuration(
                    "\(source) gave no AccessKeyId, no SecretAccessKey, no Token or no Expiration that is a time")
            }
            let credentials = Credentials(
                accessKeyID: keyID, secretAccessKey: secret, sessionToken: token, expiration: expiration)
            try credentials.require(from: source, "AccessKeyId", at: now)
            return credentials
        } catch let malformed as SecretJSON.Malformed {
            throw AWSError.configuration("\(source) answered with what is no JSON object (\(malformed.reason))")
        }
    }
}
