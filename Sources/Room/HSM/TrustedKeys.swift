import Ceremony
import CryptoPrimitives
import Evidence
import PKCS11

/// Wrapping keys that the HSM's security officer marks as trusted, from another console than the ceremony's.
extension Session {
    /// The object that the security officer left for a wrap; nil for a wrap that needs none.
    func trustedKey(for request: HSMWrapRequest) throws -> Object? {
        try request.trustedAs.map { try trustedKey(labelled: $0, is: request.wrappingKey) }
    }

    /// - Throws: `CeremonyError` when it is missing, or is not what was released and is to be trusted.
    func trustedKey(labelled label: String, is wrappingKey: RSAPublicKey) throws -> Object {
        let found = try findObjects([.objectClass(.publicKey), .label(label)])
        guard let object = found.first, found.count == 1 else {
            throw CeremonyError(
                .state, "The token has \(found.count) wrapping keys labelled \(label), not one",
                remedy:
                    "Nothing was wrapped. The security officer has the token trust it (keyrite trust), from another "
                    + "console; then run again")
        }
        let read = try attributes([.modulus, .publicExponent, .trusted, .wrap], of: object)
        guard read[.modulus]?.bytes == wrappingKey.modulus, read[.publicExponent]?.bytes == wrappingKey.exponent else {
            throw CeremonyError(
                .state, "The wrapping key labelled \(label) is not the one that the quorum released",
                remedy: "Nothing was wrapped. Find out who put it there")
        }
        guard read[.trusted]?.bool == true, read[.wrap]?.bool == true else {
            throw CeremonyError(
                .state, "The wrapping key labelled \(label) is not marked as trusted",
                remedy:
                    "Nothing was wrapped. The security officer removes it and has the token trust it (keyrite trust)")
        }
        return object
    }

    /// Puts a wrapping key on the token and marks it as trusted; the security officer must be logged in.
    ///
    /// The label is the ceremony's own: what an earlier try, or an earlier release, left under it makes room.
    func trust(_ wrappingKey: RSAPublicKey, as label: String) throws {
        for left in try findObjects([.objectClass(.publicKey), .label(label)]) { try destroy(left) }
        let object = try createWrappingKey(
            wrappingKey, label: label, id: try SecureRandom.bytes(count: 16), onToken: true,
            with: [Attribute(.trusted, true)])
        guard try attributes([.trusted], of: object)[.trusted]?.bool == true else {
            try destroy(object)
            throw CeremonyError(
                .state, "The token did not mark \(label) as trusted",
                remedy: "Nothing was left on it. See the vendor's manual for how the security officer trusts a key")
        }
    }
}
