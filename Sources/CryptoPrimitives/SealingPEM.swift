import COpenSSL
import Glibc

/// The file of a sealing key: PEM (RFC 7468), the private key and then its certificate, put together in locked memory.
enum SealingPEM {
    private static let keyLabel = "PRIVATE KEY"
    private static let certificateLabel = "CERTIFICATE"
    /// What a line of 64 characters carries.
    private static let bytesPerLine = 48

    static func write(_ pkcs8: SecretBytes, _ certificate: [UInt8]) throws -> SecretBytes {
        try SecretBytes(capacity: size(pkcs8.count) + size(certificate.count)) { buffer in
            var out = buffer.bindMemory(to: UInt8.self)[...]
            pkcs8.withUnsafeBytes { write($0, keyLabel, to: &out) }
            certificate.withUnsafeBytes { write($0, certificateLabel, to: &out) }
            return out.startIndex
        }
    }

    /// - Returns: The private key, and the certificate's DER; what they are is not looked at.
    /// - Throws: `CryptoError` for anything that `write` does not make.
    static func read(_ pem: SecretBytes) throws -> (pkcs8: SecretBytes, certificate: [UInt8]) {
        try pem.withUnsafeBytes { bytes in
            var rest = bytes.bindMemory(to: UInt8.self)[...]
            let pkcs8 = try read(keyLabel, from: &rest)
            let certificate = try read(certificateLabel, from: &rest).withUnsafeBytes { Array($0) }
            guard try write(pkcs8, certificate).isEqual(to: pem) else {
                throw CryptoError("the file of a sealing key is not in its one form", reasons: [])
            }
            return (pkcs8, certificate)
        }
    }

    private static func begin(_ label: String) -> String { "-----BEGIN \(label)-----\n" }
    private static func end(_ label: String) -> String { "-----END \(label)-----\n" }

    /// Enough for both blocks' lines, and for the NUL that OpenSSL writes after each piece.
    private static func size(_ count: Int) -> Int {
        let lines = (count + bytesPerLine - 1) / bytesPerLine
        return begin(certificateLabel).utf8.count * 2 + lines * 65 + 1
    }

    private static func write(
        _ der: UnsafeRawBufferPointer, _ label: String, to out: inout Slice<UnsafeMutableBufferPointer<UInt8>>
    ) {
        func append(_ text: String) {
            for byte in text.utf8 {
                out[out.startIndex] = byte
                out = out.dropFirst()
            }
        }
        append(begin(label))
        let der = der.bindMemory(to: UInt8.self)
        for start in stride(from: 0, to: der.count, by: bytesPerLine) {
            let piece = UnsafeBufferPointer(rebasing: der[start..<min(start + bytesPerLine, der.count)])
            let target = UnsafeMutableBufferPointer(rebasing: out)
            out = out.dropFirst(Int(EVP_EncodeBlock(target.baseAddress, piece.baseAddress, Int32(piece.count))))
            append("\n")
        }
        append(end(label))
    }

    /// Takes one block, loosely: whoever calls writes it again and compares.
    private static func read(
        _ label: String, from rest: inout Slice<UnsafeBufferPointer<UInt8>>
    ) throws -> SecretBytes {
        let damaged = CryptoError("the file of a sealing key has no \(label) where one belongs", reasons: [])
        guard rest.starts(with: begin(label).utf8) else { throw damaged }
        rest = rest.dropFirst(begin(label).utf8.count)
        return try SecretBytes(capacity: rest.count + 3) { buffer in
            let target = buffer.bindMemory(to: UInt8.self)
            var written = 0
            while !rest.starts(with: end(label).utf8) {
                let line = UnsafeBufferPointer(rebasing: rest.prefix { $0 != UInt8(ascii: "\n") })
                guard (1...64).contains(line.count), line.count < rest.count else { throw damaged }
                let decoded = EVP_DecodeBlock(
                    target.baseAddress.map { $0 + written }, line.baseAddress, Int32(line.count))
                let padding = line.reversed().prefix { $0 == UInt8(ascii: "=") }.count
                guard decoded >= padding, padding < 3 else { throw damaged }
                written += Int(decoded) - padding
                rest = rest.dropFirst(line.count + 1)
            }
            rest = rest.dropFirst(end(label).utf8.count)
            return written
        }
    }
}
