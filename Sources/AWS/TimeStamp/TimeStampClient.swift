import NIOCore

/// Asks a time-stamping authority over HTTP (RFC 3161, 3.4), once.
package struct TimeStampClient: Sendable {
    /// The most bytes that an answer may have: 64 KiB.
    private static let sizeLimit = 64 << 10

    private let url: TimeStampURL
    private let proxy: ProxyRule?
    private let timeout: Double

    /// - Parameters:
    ///   - proxy: The way to authorities off this machine; nil for the straight one.
    ///   - timeout: For everything, the answer's last byte included; in seconds.
    package init(_ url: TimeStampURL, proxy: ProxyRule? = nil, timeout: Double = 30) {
        self.url = url
        self.proxy = proxy
        self.timeout = timeout
    }

    /// Sends a request and reads the answer whole. What it says is for the caller to check.
    ///
    /// - Parameter request: DER.
    /// - Returns: The answer as it came.
    /// - Throws: `TimeStampUnanswered`; `CancellationError` when the task is cancelled.
    package func ask(_ request: [UInt8]) async throws -> [UInt8] {
        let lane = HTTPLane(
            endpoint: url.endpoint, authorities: nil, proxy: proxy?.proxy(for: url.endpoint),
            connectTimeout: min(10, timeout), idleTimeout: 1)
        let answer: HTTPAnswer
        do {
            answer = try await lane.send(
                path: url.path,
                headers: [
                    .init("Host", url.endpoint.hostHeader), .init("Content-Type", "application/timestamp-query"),
                    .init("Accept", "application/timestamp-reply"), .init("User-Agent", "keyrite"),
                ], body: request, timeout: timeout, limit: Self.sizeLimit)
        } catch let error as CancellationError {
            throw error
        } catch is NIOTooManyBytesError {
            throw TimeStampUnanswered(url: url, reason: "its answer is over 64 KiB")
        } catch {
            throw TimeStampUnanswered(url: url, reason: Printable.text(String(describing: error)))
        }
        guard answer.status == 200 else {
            throw TimeStampUnanswered(url: url, reason: "HTTP status \(answer.status)")
        }
        return answer.body
    }
}

/// A time-stamping authority that gave no answer.
package struct TimeStampUnanswered: Error, Hashable, Sendable, CustomStringConvertible {
    package let url: TimeStampURL
    package let reason: String

    package var description: String {
        "\(url) gave no time stamp (\(reason)). Asking again does no harm."
    }
}
