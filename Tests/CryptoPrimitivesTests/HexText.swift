import CryptoPrimitives
import Foundation

extension SecretBytes {
    /// A throwaway secret for a test.
    static func of(_ bytes: [UInt8]) throws -> SecretBytes {
        try bytes.withUnsafeBytes { try SecretBytes(copying: $0) }
    }

    /// The bytes, which in a test are nobody's secret.
    var exposed: [UInt8] { withUnsafeBytes { Array($0) } }
}

/// Bytes written as hex in a test, in either case.
func hex(_ text: String...) -> [UInt8] { Hex.decode(text.joined().lowercased()) ?? [] }
