import CryptoPrimitives
import Evidence
import Testing

/// An Ed25519 public key of chosen bytes, written as OpenSSH writes it and apart from the code under test.
struct CraftedKey: Sendable, CustomTestStringConvertible {
    let bytes: [UInt8]

    /// The neutral point: whatever the message, R = neutral and S = 0 signs it, and nobody needs a secret for that.
    static let neutral = CraftedKey(bytes: encoded(first: 1))

    /// All eight points of small order, those with x = 0 in both forms.
    static let smallOrder = bothSigns(
        [encoded(first: 0), encoded(first: 1), encoded(first: 0xEC, others: 0xFF)]
            + [
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            ].compactMap(Hex.decode))

    /// Every y from 2^255 − 19, which is 0 in a second form, to 2^255 − 1.
    static let secondForms = bothSigns((0xED...0xFF).map { encoded(first: $0, others: 0xFF) })

    /// Keys that are next to those: 2, 2^255 − 21, and others with a bit changed.
    static let harmless =
        bothSigns([encoded(first: 2), encoded(first: 0xEB, others: 0xFF)])
        + smallOrder.map { CraftedKey(bytes: $0.bytes.flippingBit(of: 16)) }

    private static func encoded(first: UInt8, others: UInt8 = 0) -> [UInt8] {
        [first] + [UInt8](repeating: others, count: 30) + [others & 0x7F]
    }

    private static func bothSigns(_ encodings: [[UInt8]]) -> [CraftedKey] {
        encodings.flatMap { [CraftedKey(bytes: $0), CraftedKey(bytes: $0.dropLast() + [$0[31] | 0x80])] }
    }

    var testDescription: String { Hex.encode(bytes) }

    /// As a roster has it.
    var line: String { "ssh-ed25519 " + Base64.encode(blob) }

    var fingerprint: String { "SHA256:" + Base64.encode(SHA256Digest(of: blob).bytes).prefix { $0 != "=" } }

    private var blob: [UInt8] { Self.string("ssh-ed25519") + Self.string(bytes) }

    /// The `.sig` file of what signs any message under the neutral point.
    func sign(_ message: [UInt8], namespace: String) -> [UInt8] {
        let signature = Self.neutral.bytes + [UInt8](repeating: 0, count: 32)
        let blob =
            Array("SSHSIG".utf8) + [0, 0, 0, 1] + Self.string(blob) + Self.string(namespace) + Self.string("")
            + Self.string("sha512") + Self.string(Self.string("ssh-ed25519") + Self.string(signature))
        let base64 = Array(Base64.encode(blob))
        let lines = stride(from: 0, to: base64.count, by: 70).map { start in
            String(base64[start..<min(start + 70, base64.count)]) + "\n"
        }
        return Array(
            "-----BEGIN SSH SIGNATURE-----\n\(lines.joined())-----END SSH SIGNATURE-----\n".utf8)
    }

    private static func string(_ text: String) -> [UInt8] { string(Array(text.utf8)) }

    /// A string of at most 255 bytes.
    private static func string(_ bytes: [UInt8]) -> [UInt8] { [0, 0, 0, UInt8(bytes.count)] + bytes }
}

extension [UInt8] {
    fileprivate func flippingBit(of index: Int) -> [UInt8] {
        var bytes = self
        bytes[index] ^= 1
        return bytes
    }
}
