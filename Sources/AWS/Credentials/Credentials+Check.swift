import Foundation

extension Credentials {
    /// Refuses what cannot be an access key, and one that has expired.
    ///
    /// - Parameter source: What the key id was read from, for the error.
    /// - Throws: `AWSError.configuration`, without the value.
    func require(from source: String, at now: Date) throws {
        guard (1...128).contains(accessKeyID.utf8.count), accessKeyID.utf8.allSatisfy(Self.isKeyIDCharacter) else {
            throw AWSError.configuration("\(source) is not an access key id: letters, digits and _ alone")
        }
        if let expiration, expiration <= now {
            throw AWSError.configuration(
                "the credentials of \(source) expired at \(SigningTime(expiration).timestamp); get new ones")
        }
        try requireSendable()
    }

    private static func isKeyIDCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
