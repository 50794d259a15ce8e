import AWS
import CryptoPrimitives

/// Somebody's permission to use a key. The emulator stores it and lets everybody do everything.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>
struct Grant: Codable, Sendable {
    /// How many grants a key has (docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html).
    static let limit = 50_000
    private static let tokenSize = 96

    let entry: GrantListEntry
    /// One for each call that asked for this grant.
    var tokens: [String]

    var id: String { entry.grantID }

    static func newID() throws -> String { Hex.encode(try SecureRandom.bytes(count: 32)) }
    static func newToken() throws -> String { Base64.encode(try SecureRandom.bytes(count: tokenSize)) }

    /// Whether a call that names its grant asks for this one (API_CreateGrant.html, Name).
    func isAsked(for other: GrantListEntry) -> Bool {
        other.name != nil && entry.name == other.name && entry.granteePrincipal == other.granteePrincipal
            && entry.retiringPrincipal == other.retiringPrincipal && entry.operations == other.operations
            && entry.constraints == other.constraints && entry.granteeServicePrincipal == other.granteeServicePrincipal
            && entry.retiringServicePrincipal == other.retiringServicePrincipal
    }

    /// - Throws: InvalidGrantIdException unless the id has a grant id's form.
    static func validate(id: String) throws {
        guard id.utf8.count == 64, Hex.decode(id) != nil else {
            throw KMSFault("InvalidGrantIdException", "\(id) is no grant id.")
        }
    }
}
