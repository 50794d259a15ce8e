import CryptoPrimitives

/// Signs requests with AWS Signature Version 4 in headers.
package struct RequestSigner: Sendable {
    /// In what services differ; by default as all but S3 want it.
    package struct Options: Sendable {
        /// Whether `.`, `..` and doubled slashes in the path are resolved first; S3 alone does without.
        package var normalizesPath = true
        /// Whether the path, encoded on the wire already, is encoded once more; S3 alone does without.
        package var encodesPathTwice = true
        /// Whether the body's digest travels as `x-amz-content-sha256`; S3 wants it.
        package var sendsPayloadSHA256 = false
        /// Whether the session token is added after signing, as some services want it; KMS wants it signed.
        package var leavesSessionTokenUnsigned = false

        package init() {}

        /// As S3 wants it: object keys are taken as they are.
        package static let s3: Options = {
            var options = Options()
            options.normalizesPath = false
            options.encodesPathTwice = false
            options.sendsPayloadSHA256 = true
            return options
        }()
    }

    package let credentials: Credentials
    package let region: String
    package let service: String
    package let options: Options
    private let keys: SigningKeyRing

    package init(credentials: Credentials, region: String, service: String, options: Options = Options()) {
        self.init(credentials: credentials, region: region, service: service, options: options, keys: SigningKeyRing())
    }

    /// - Parameter keys: Kept for the requests that follow.
    init(credentials: Credentials, region: String, service: String, options: Options, keys: SigningKeyRing) {
        self.keys = keys
        self.credentials = credentials
        self.region = region
        self.service = service
        self.options = options
    }

    /// The request with everything that is signed: its own headers, the time, the token, the body's digest.
    package func prepared(_ request: SigningRequest, at time: SigningTime) -> SigningRequest {
        var more = [SigningRequest.Header("X-Amz-Date", time.timestamp)]
        if !options.leavesSessionTokenUnsigned { more += tokenHeader }
        if options.sendsPayloadSHA256 { more.append(.init("x-amz-content-sha256", request.payloadSHA256.hex)) }
        return request.adding(more)
    }

    /// - Parameters:
    ///   - request: The request, with all headers that shall be covered (`Host` among them) and no other.
    ///   - time: The moment the service shall believe it was signed; it accepts a few minutes of difference.
    /// - Returns: The request with time, token and `Authorization` added.
    /// - Throws: `CryptoError` when memory cannot be locked.
    package func sign(_ request: SigningRequest, at time: SigningTime) throws -> SigningRequest {
        let prepared = prepared(request, at: time)
        let canonical = CanonicalRequest(
            prepared, normalizingPath: options.normalizesPath, encodingPathTwice: options.encodesPathTwice)
        let scope = CredentialScope(day: time.day, region: region, service: service)
        let key = try keys.key(of: credentials.secretAccessKey, for: scope)
        let authorization = AuthorizationHeader(
            accessKeyID: credentials.accessKeyID, scope: scope, signedHeaders: canonical.signedHeaders,
            signature: try key.signature(of: canonical, at: time))
        let unsigned = options.leavesSessionTokenUnsigned ? tokenHeader : []
        return prepared.adding(unsigned + [.init("Authorization", authorization.description)])
    }

    private var tokenHeader: [SigningRequest.Header] {
        guard let token = credentials.sessionToken else { return [] }
        let text = token.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        return [.init("X-Amz-Security-Token", text)]
    }
}
