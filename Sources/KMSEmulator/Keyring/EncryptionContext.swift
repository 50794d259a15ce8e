/// Name and value pairs that a ciphertext is bound to, in no order.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html>
struct EncryptionContext {
    /// Pairs ordered by their UTF-8, each string led by its length: no two contexts share an encoding.
    let encoded: [UInt8]

    init(_ pairs: [String: String]?) {
        let ordered = (pairs ?? [:]).map { (Array($0.key.utf8), Array($0.value.utf8)) }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }
        encoded = ordered.flatMap { name, value in Self.led(name) + Self.led(value) }
    }

    private static func led(_ text: [UInt8]) -> [UInt8] {
        let count = UInt32(text.count)
        return [UInt8(count >> 24), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)] + text
    }
}
