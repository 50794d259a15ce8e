import CryptoPrimitives
import Foundation
import NIOHTTP1

/// An HTTP response, read whole.
struct HTTPAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    /// Empty where it was asked for as a secret.
    let body: [UInt8]
    let tlsLeafSHA256: SHA256Digest?
    /// The body where it was asked for as a secret.
    var secret: SecretBytes?

    var requestID: String? {
        (headers.first(name: "x-amzn-requestid") ?? headers.first(name: "x-amz-request-id")).map {
            Printable.text($0, limit: 128)
        }
    }

    /// The error's name, where the body does not say it.
    var errorType: String? { headers.first(name: "x-amzn-errortype") }

    /// The header `Date`, if there is one in the form that RFC 9110, 5.6.7 prescribes.
    var date: Date? { headers.first(name: "date").flatMap(HTTPDate.parse) }

    /// The service's wish for the next attempt, in seconds.
    var retryAfter: Double? {
        headers.first(name: "x-amz-retry-after").flatMap { UInt32($0) }.map { Double($0) / 1_000 }
    }
}
