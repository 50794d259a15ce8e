import AsyncHTTPClient
import CryptoPrimitives
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// One connection at a time to one endpoint, for one request at a time.
///
/// AsyncHTTPClient does not tell which pooled connection brought an answer. With a lane a request, the certificate seen
/// last is that of the answer's connection; and a lane that never connected has never sent anything.
final class HTTPLane: Sendable {
    private struct Seen {
        var hasConnected = false
        var leaf: SHA256Digest?
    }

    private let endpoint: Endpoint
    private let client: HTTPClient
    private let connectTimeout: Double
    private let seen: Box

    /// Shared with the connection's initializer, which outlives no lane but is made before it.
    private final class Box: Sendable {
        let state = Mutex(Seen())
    }

    /// - Parameters:
    ///   - authorities: Who is trusted to certify the endpoint; nil for whom the system trusts.
    ///   - proxy: The way there; nil for the straight one.
    ///   - connectTimeout: For TCP and TLS, in seconds.
    ///   - idleTimeout: How long a connection waits for the next request, in seconds.
    init(
        endpoint: Endpoint, authorities: CertificateAuthorities?, proxy: Proxy?, connectTimeout: Double,
        idleTimeout: Double
    ) {
        let seen = Box()
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let authorities { tls.trustRoots = .certificates(authorities.certificates) }
        // A redirect would carry signed headers elsewhere; a proxy is only one that somebody named.
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: .nanoseconds(Int64(connectTimeout * 1e9))),
            proxy: proxy.map { .server(host: $0.host, port: $0.port) }, decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1
        configuration.connectionPool.idleTimeout = .nanoseconds(Int64(idleTimeout * 1e9))
        // One attempt is one attempt; retries are counted in one place.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.http1_1ConnectionDebugInitializer = { channel in
            Self.inspect(channel, of: endpoint, into: seen)
        }
        self.endpoint = endpoint
        self.connectTimeout = connectTimeout
        self.seen = seen
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit {
        client.shutdown { _ in }
    }

    /// Whether a connection ever came about. If not, nothing was sent.
    var hasConnected: Bool { seen.state.withLock(\.hasConnected) }

    /// Sends a request and reads its answer whole.
    ///
    /// - Parameters:
    ///   - headers: All but `Content-Length`.
    ///   - timeout: For everything, the body's last byte included; in seconds.
    ///   - limit: The most bytes a body may have.
    ///   - isSecret: Whether the body of a good answer goes into locked memory, and nowhere else of ours.
    func send(
        _ method: HTTPMethod = .POST, path: String, headers: [SigningRequest.Header], body: [UInt8], timeout: Double,
        limit: Int, isSecret: Bool = false
    ) async throws -> HTTPAnswer {
        var request = HTTPClientRequest(url: "\(endpoint)\(path)")
        request.method = method
        request.headers = HTTPHeaders(headers.map { ($0.name, $0.value) })
        if method != .GET { request.body = .bytes(ByteBuffer(bytes: body)) }
        let sent = request
        return try await withTimeout(seconds: timeout) { [client, seen, connectTimeout] in
            let response: HTTPClientResponse
            do {
                response = try await client.execute(sent, deadline: .now() + .nanoseconds(Int64(timeout * 1e9)))
            } catch let error as HTTPClientError where error == .deadlineExceeded {
                // Both watch the same time, and whoever is first says the same.
                throw TimedOut(seconds: timeout)
            } catch let error as HTTPClientError where error == .connectTimeout {
                throw TimedOut(seconds: connectTimeout)
            }
            let isSecret = isSecret && response.status == .ok
            let secret = isSecret ? try await Self.secret(of: response.body, limit: limit) : nil
            let body = isSecret ? ByteBuffer() : try await response.body.collect(upTo: limit)
            // A cancelled body ends early as if it were whole.
            try Task.checkCancellation()
            return HTTPAnswer(
                status: Int(response.status.code), headers: response.headers, body: Array(body.readableBytesView),
                tlsLeafSHA256: seen.state.withLock(\.leaf), secret: secret)
        }
    }

    /// What the connection itself had of it lies in its buffers until they are used again.
    private static func secret(of body: HTTPClientResponse.Body, limit: Int) async throws -> SecretBytes {
        var parts: [ByteBuffer] = []
        var count = 0
        for try await part in body {
            count += part.readableBytes
            guard count <= limit else { throw AnswerTooLong(limit: limit) }
            parts.append(part)
        }
        return try SecretBytes(capacity: count) { buffer in
            var end = 0
            for part in parts {
                part.withUnsafeReadableBytes {
                    UnsafeMutableRawBufferPointer(rebasing: buffer[end...]).copyMemory(from: $0)
                }
                end += part.readableBytes
            }
            return end
        }
    }

    private static func inspect(_ channel: any Channel, of endpoint: Endpoint, into seen: Box) -> EventLoopFuture<Void>
    {
        guard endpoint.scheme == .https else {
            seen.state.withLock { $0.hasConnected = true }
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        return channel.nioSSL_peerCertificate().flatMapThrowing { certificate in
            guard let certificate else { throw MissingCertificate() }
            let leaf = SHA256Digest(of: try certificate.toDERBytes())
            seen.state.withLock { $0 = Seen(hasConnected: true, leaf: leaf) }
        }
    }
}

/// A body that has more bytes than any that is asked for.
struct AnswerTooLong: Error, CustomStringConvertible {
    let limit: Int
    var description: String { "the answer has more than \(limit) bytes" }
}

/// A TLS server that showed no certificate.
struct MissingCertificate: Error, CustomStringConvertible {
    var description: String { "the server showed no certificate" }
}
