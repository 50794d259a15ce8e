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
}
