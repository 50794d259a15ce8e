package import CryptoPrimitives
package import Foundation

/// An answer and what is worth recording of how it came.
package struct AWSAnswer<Output: Sendable>: Sendable {
    package let output: Output
    /// What CloudTrail and AWS's support find the call by.
    package let requestID: String?
    /// The service's clock when it answered, in whole seconds.
    package let serverDate: Date?
    /// SHA-256 of the DER of the server's certificate on the very connection that brought the answer; nil without TLS.
    package let tlsLeafSHA256: SHA256Digest?

    package init(output: Output, requestID: String?, serverDate: Date?, tlsLeafSHA256: SHA256Digest?) {
        self.output = output
        self.requestID = requestID
        self.serverDate = serverDate
        self.tlsLeafSHA256 = tlsLeafSHA256
    }
}
