import CryptoPrimitives

/// A question to a service, before it is signed.
struct ServiceRequest: Sendable {
    /// How the service writes its errors.
    enum ErrorFormat: Sendable {
        case json
        case xml
    }

    let operation: String
    let isIdempotent: Bool
    /// Those that are signed, but `Host` and what SigV4 adds.
    let headers: [SigningRequest.Header]
    let body: [UInt8]
    let errorFormat: ErrorFormat
    /// The most bytes that an answer may have. Few that Keyrite asks for come near it.
    var answerLimit = 4 << 20
    /// Whether it proves by a signature who asks; if not, what is in it does.
    var isSigned = true
    /// Whether a good answer goes into locked memory, and nowhere else of ours.
    var isForSecrets = false
    /// What nobody shall read in an error that quotes the question.
    var secrets: [SecretBytes] = []
    var method = "POST"
    /// Encoded.
    var path = "/"
    /// Encoded, without the `?`.
    var query = ""
    /// A label before the endpoint's host.
    var hostPrefix: String?
    var signing = RequestSigner.Options()
}
