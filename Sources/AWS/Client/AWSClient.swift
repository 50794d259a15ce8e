import CryptoPrimitives
import Foundation
import Glibc
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// Signs, sends, and asks again where that is right. One for each service, Region and set of credentials.
///
/// TLS servers are always verified: there is no way to switch that off, only to name other CA certificates.
package final class AWSClient: Sendable {
    /// How a service is reached, and by whom.
    package struct Configuration: Sendable {
        package var credentials: any CredentialsProvider
        package var region: Region
        /// By default the service's own in the Region.
        package var endpoint: Endpoint?
        /// Which of the service's own addresses; says nothing where the endpoint is named.
        package var variant = EndpointVariant()
        /// Whom to trust in place of the CAs that the system trusts.
        package var authorities: CertificateAuthorities?
        /// The way to endpoints off this machine; by default the straight one.
        package var proxy: ProxyRule?
        /// For TCP and TLS, in seconds.
        package var connectTimeout = 10.0
        /// For one attempt, from connecting to the answer's last byte, in seconds.
        package var attemptTimeout = 30.0
        /// How long a connection waits for the next request before it is closed, in seconds.
        package var idleTimeout = 60.0
        package var retryRule = RetryRule()
        package var timekeeper = Timekeeper.system
        /// Who holds the Date of every answer to this host's clock; nil for nobody.
        package var clockWatch: ClockWatch?

        package init(
            credentials: any CredentialsProvider, region: Region, endpoint: Endpoint? = nil,
            authorities: CertificateAuthorities? = nil
        ) {
            self.credentials = credentials
            self.region = region
            self.endpoint = endpoint
            self.authorities = authorities
        }
    }

    private struct State {
        var idleLanes: [HTTPLane] = []
        /// How far the service's clock is ahead of ours in seconds, known once it refused a signature for its time.
        var skew = 0.0
    }

    package let endpoint: Endpoint
    private let configuration: Configuration
    private let service: String
    private let state = Mutex(State())
    private let keys = SigningKeyRing()

    /// - Parameter service: The signing name, which is also the first label of the service's host: `kms`, `sts`.
    /// - Throws: `AWSError.configuration` for a Region without known addresses, or credentials that no header can carry.
    package init(service: String, configuration: Configuration) throws {
        self.configuration = configuration
        self.service = service
        endpoint =
            try configuration.endpoint ?? configuration.region.endpoint(for: service, configuration.variant)
        if let fixed = configuration.credentials as? Credentials { try fixed.requireSendable() }
    }

    /// Asks, as often as the retry rule has it.
    ///
    /// - Throws: `AWSError`; `CryptoError` when memory cannot be locked; `CancellationError` when the task is cancelled
    ///   and no call is under way that may take effect.
    func send(_ request: ServiceRequest) async throws -> HTTPAnswer {
        var attempt = 1
        while true {
            let time = SigningTime(configuration.timekeeper.now().addingTimeInterval(state.withLock(\.skew)))
            switch try await exchange(request, signedAt: time) {
            case .answered(let answer): return answer
            case .failed(let failure, let error):
                let step = configuration.retryRule.step(
                    after: failure, attempt: attempt, isIdempotent: request.isIdempotent,
                    jitter: configuration.timekeeper.jitter())
                switch step {
                case .giveUp: throw error
                case .wait(let seconds): try await configuration.timekeeper.wait(seconds)
                case .signByServiceClock(let ahead):
                    // What is to take effect is not asked for while this host's clock is wrong, or something else answers.
                    if !request.isIdempotent, configuration.clockWatch?.difference != nil { throw error }
                    adopt(ahead: ahead, of: time)
                }
            }
            attempt += 1
        }
    }

    /// The error of a call that was answered with what cannot be read.
    func lost(_ request: ServiceRequest, _ reason: String) -> AWSError {
        request.isIdempotent
            ? .unanswered(operation: request.operation, endpoint: endpoint, reason: reason)
            : .answerLost(operation: request.operation, endpoint: endpoint, reason: reason)
    }

    /// The error of a call whose answer did not come, or not whole.
    private func unanswered(_ request: ServiceRequest, _ reason: String) -> AWSError {
        request.isIdempotent
            ? .noAnswer(operation: request.operation, endpoint: endpoint, reason: reason) : lost(request, reason)
    }

    private enum Outcome {
        case answered(HTTPAnswer)
        case failed(RetryRule.Failure, AWSError)
    }

    private func exchange(_ request: ServiceRequest, signedAt time: SigningTime) async throws -> Outcome {
        let credentials = request.isSigned ? try await configuration.credentials.credentials(at: time.date) : nil
        let headers = try headers(of: request, signedBy: credentials, at: time)
        let target = request.path + (request.query.isEmpty ? "" : "?" + request.query)
        let lane = takeLane(for: request)
        do {
            let answer = try await lane.send(
                HTTPMethod(rawValue: request.method), path: target, headers: headers + [.init("User-Agent", "keyrite")],
                body: request.body,
                timeout: configuration.attemptTimeout,
                limit: request.isForSecrets ? Self.secretLimit : request.answerLimit, isSecret: request.isForSecrets)
            if request.isRepeatedHere { state.withLock { $0.idleLanes.append(lane) } }
            answer.date.map { configuration.clockWatch?.heard($0, at: configuration.timekeeper.now()) }
            guard answer.status != 200 else { return .answered(answer) }
            let refusal = serviceError(answer, to: request, from: credentials)
            let skew = answer.date?.timeIntervalSince(time.date)
            let mayHaveTakenEffect = refusal.leavesEffectOpen && !request.isIdempotent
            return .failed(
                .refused(refusal, retryAfter: answer.retryAfter, skew: skew),
                mayHaveTakenEffect ? lost(request, refusal.description) : .service(refusal))
        } catch {
            return try outcome(of: error, request, lane, credentials)
        }
    }

    private func headers(
        of request: ServiceRequest, signedBy credentials: Credentials?, at time: SigningTime
    ) throws -> [SigningRequest.Header] {
        let headers = [.init("Host", host(of: request).hostHeader)] + request.headers
        guard let credentials else { return headers }
        try credentials.requireSendable()
        let signer = RequestSigner(
            credentials: credentials, region: configuration.region.name, service: service, options: request.signing,
            keys: keys)
        return try signer.sign(
            SigningRequest(
                method: request.method, path: request.path, query: request.query, headers: headers,
                payloadSHA256: SHA256Digest(of: request.body)),
            at: time
        ).headers
    }

    private func host(of request: ServiceRequest) -> Endpoint {
        request.hostPrefix.map(endpoint.prefixed) ?? endpoint
    }

    /// A lane that never connected has sent nothing; from any other, the question may have arrived.
    private func outcome(
        of error: any Error, _ request: ServiceRequest, _ lane: HTTPLane, _ credentials: Credentials?
    ) throws -> Outcome {
        let what = (error as? IOError).map { "\(String(cString: strerror($0.errnoCode))) (errno \($0.errnoCode))" }
        let reason = Self.readable(what ?? String(describing: error), to: request, from: credentials)
        if lane.hasConnected {
            if request.isIdempotent { try Task.checkCancellation() }
            let isTooLong = error is AnswerTooLong || error is NIOTooManyBytesError
            return .failed(.lost, isTooLong ? lost(request, reason) : unanswered(request, reason))
        }
        try Task.checkCancellation()
        if error is NIOSSLError || error is NIOSSLExtraError || error is MissingCertificate {
            return .failed(.untrusted, .untrusted(operation: request.operation, endpoint: endpoint, reason: reason))
        }
        return .failed(.notSent, .unreachable(operation: request.operation, endpoint: endpoint, reason: reason))
    }

    /// An unrepeatable question gets a new connection: on an old one, that the server closed it meanwhile could not be
    /// told from a lost answer.
    private func takeLane(for request: ServiceRequest) -> HTTPLane {
        let idle = request.isRepeatedHere ? state.withLock { $0.idleLanes.popLast() } : nil
        let host = host(of: request)
        return idle
            ?? HTTPLane(
                endpoint: host, authorities: configuration.authorities,
                proxy: configuration.proxy?.proxy(for: host), connectTimeout: configuration.connectTimeout,
                idleTimeout: configuration.idleTimeout)
    }

    private func serviceError(
        _ answer: HTTPAnswer, to request: ServiceRequest, from credentials: Credentials?
    ) -> ServiceError {
        let body = ErrorBody(answer.body, format: request.errorFormat, errorType: answer.errorType)
        return ServiceError(
            operation: request.operation, code: body.code.map(ServiceError.Code.init) ?? .unnamed,
            message: Self.readable(body.message ?? "", to: request, from: credentials), status: answer.status,
            requestID: answer.requestID ?? body.requestID.map { Printable.text($0, limit: 128) },
            serverDate: answer.date)
    }

    /// A stranger's words without our secrets: some errors quote the whole signed request.
    private static func readable(
        _ text: String, to request: ServiceRequest, from credentials: Credentials?
    ) -> String {
        let text = request.secrets.reduce(credentials?.redacting(text) ?? text) { text, secret in
            guard secret.count > 0 else { return text }
            return secret.withUnsafeBytes { text.replacing(String(decoding: $0, as: UTF8.self), with: "(secret)") }
        }
        return Printable.text(text)
    }

    private func adopt(ahead: Double, of time: SigningTime) {
        let skew = time.date.addingTimeInterval(ahead).timeIntervalSince(configuration.timekeeper.now())
        state.withLock { $0.skew = skew }
    }

    /// Credentials with the longest tokens have some thousand bytes; more pages cannot always be locked.
    private static let secretLimit = 64 << 10
}

extension ServiceRequest {
    /// Whether the same connection may bring another one's answer.
    fileprivate var isRepeatedHere: Bool { isIdempotent && hostPrefix == nil }
}
