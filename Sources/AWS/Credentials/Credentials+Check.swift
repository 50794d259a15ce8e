import Foundation

extension Credentials {
    /// Refuses what cannot be an access key, and one that has expired.
    ///
    /// - Parameters:
    ///   - source: What the credentials were read from, for the error.
    ///   - field: What of it has the key id, where that is not the source itself.
    ///   - remedy: How to get others.
    /// - Throws: `AWSError.configuration`, without the value.
    func require(
        from source: String, _ field: String? = nil, at now: Date, remedy: String = "get new ones, then run again"
    ) throws {
        guard (1...128).contains(accessKeyID.utf8.count), accessKeyID.utf8.allSatisfy(Self.isKeyIDCharacter) else {
            throw AWSError.configuration(
                "\([source, field].compactMap(\.self).joined(separator: " ")) is not an access key id: letters, digits and _ alone"
            )
        }
        if let expiration, expiration <= now {
            throw AWSError.configuration(
                "the credentials of \(source) expired at \(Self.words(expiration)): \(remedy)")
        }
        try requireSendable()
    }

    /// `2026-11-28T07:30:00Z`.
    private static func words(_ time: Date) -> String { time.formatted(.iso8601) }

    private static func isKeyIDCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
