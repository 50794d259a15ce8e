import AWS
import CryptoPrimitives
import Foundation

/// Holds requests to AWS Signature Version 4, and answers in AWS's words when they are not signed so.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html>
struct SignatureVerifier: Sendable {
    /// How far a signature's time may be from the service's, in seconds.
    private static let tolerance: TimeInterval = 5 * 60

    /// The one user's.
    let credentials: Credentials
    let user: TrailCaller
    let sessions: RoleSessions

    /// Who signed a request, and for which Region: the one that it is about.
    struct Signed: Sendable {
        let region: String
        let caller: TrailCaller
    }

    /// - Parameters:
    ///   - service: The signing name the request must be for.
    ///   - now: The service's time.
    /// - Throws: `KMSFault` unless the request was signed by the user's access key or a session's, for this service and a
    ///   Region, a few minutes ago at most.
    func verify(_ request: WireRequest, service: String, now: Date) throws -> Signed {
        guard let value = request.header("Authorization") else {
            throw KMSFault("MissingAuthenticationTokenException", "Missing Authentication Token")
        }
        guard let authorization = AuthorizationHeader(value) else {
            throw KMSFault("IncompleteSignatureException", "The Authorization header is not one of AWS4-HMAC-SHA256.")
        }
        guard let time = request.header("X-Amz-Date").flatMap(SigningTime.init(timestamp:)) else {
            throw KMSFault(
                "IncompleteSignatureException", "The request has no X-Amz-Date in the form 20150830T123600Z.")
        }
        let (credentials, caller) = try knownClient(authorization, of: request, now: now)
        try requireScope(authorization.scope, service: service, time: time)
        try requireCoverage(authorization.signedHeaders, of: request)
        try requireTimely(time, now: now)
        let canonical = CanonicalRequest(request.head, signing: authorization.signedHeaders)
        let key = try SigningKey(secretAccessKey: credentials.secretAccessKey, scope: authorization.scope)
        guard try key.accepts(authorization.signature, of: canonical, at: time) else {
            throw Self.invalid(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                    + "Access Key and signing method. Consult the service documentation for details.")
        }
        return Signed(region: authorization.scope.region, caller: caller)
    }

    private func knownClient(
        _ authorization: AuthorizationHeader, of request: WireRequest, now: Date
    ) throws -> (Credentials, TrailCaller) {
        let session = sessions.session(of: authorization.accessKeyID)
        let credentials = session?.credentials ?? self.credentials
        let token = request.header("X-Amz-Security-Token")
        let expected = credentials.sessionToken?.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        guard authorization.accessKeyID == credentials.accessKeyID, token == expected else {
            throw KMSFault("UnrecognizedClientException", "The security token included in the request is invalid.")
        }
        guard session.map({ now < $0.expiration }) ?? true else {
            throw KMSFault("ExpiredTokenException", "The security token included in the request is expired")
        }
        return (credentials, session?.caller ?? user)
    }

    private func requireScope(_ scope: CredentialScope, service: String, time: SigningTime) throws {
        guard ServedRegion.isServed(scope.region) else {
            throw Self.invalid("Credential should be scoped to a valid region, not '\(scope.region)'.")
        }
        guard scope.service == service else {
            throw Self.invalid("Credential should be scoped to correct service: '\(service)'.")
        }
        guard scope.day == time.day else {
            throw Self.invalid("Date in Credential scope does not match the date of the request: \(time.day).")
        }
    }

    /// What is not signed could have been changed on the way: the host and every `x-amz-` header must be.
    private func requireCoverage(_ signed: [String], of request: WireRequest) throws {
        let names = request.head.headers.map { $0.name.lowercased() }
        for name in names + ["host"] where name == "host" || name.hasPrefix("x-amz-") {
            guard signed.contains(name), names.contains(name) else {
                throw Self.invalid("'\(name)' must be a 'SignedHeader' in the AWS Authorization.")
            }
        }
    }

    private func requireTimely(_ time: SigningTime, now: Date) throws {
        let service = SigningTime(now)
        let earliest = SigningTime(now.addingTimeInterval(-Self.tolerance))
        let latest = SigningTime(now.addingTimeInterval(Self.tolerance))
        guard time.date >= earliest.date else {
            throw Self.invalid("Signature expired: \(time) is now earlier than \(earliest) (\(service) - 5 min.)")
        }
        guard time.date <= latest.date else {
            throw Self.invalid("Signature not yet current: \(time) is still later than \(latest) (\(service) + 5 min.)")
        }
    }

    private static func invalid(_ message: String) -> KMSFault { KMSFault("InvalidSignatureException", message) }
}
