package import CryptoPrimitives
import Foundation
import NIOSSL

/// CA certificates to trust in place of the system's, from a PEM file that is read once.
package struct CertificateAuthorities: Sendable {
    /// The file's SHA-256: what a plan binds.
    package let digest: SHA256Digest
    let certificates: [NIOSSLCertificate]
    /// The most bytes of such a file: 16 MiB.
    private static let limit = 16 << 20

    /// - Throws: `AWSError.configuration` for a file that cannot be read or holds no certificate.
    package init(pemFile path: String) throws {
        let name = Printable.text(path, limit: 300)
        guard let bytes = FileHandle(forReadingAtPath: path).flatMap({ try? $0.read(upToCount: Self.limit + 1) }),
            bytes.count <= Self.limit
        else {
            throw AWSError.configuration("the CA file \(name) cannot be read: check the path and its permissions")
        }
        do {
            certificates = try NIOSSLCertificate.fromPEMBytes([UInt8](bytes))
        } catch {
            throw AWSError.configuration("the CA file \(name) cannot be read as PEM certificates: \(error)")
        }
        guard !certificates.isEmpty else { throw AWSError.configuration("the CA file \(name) holds no certificate") }
        digest = SHA256Digest(of: bytes)
    }
}
