/// An HTTP answer before it gets its date and request id.
struct WireAnswer: Sendable {
    let status: Int
    let contentType: String
    let body: [UInt8]
}
