import Foundation

/// What stands where AWS takes a KeyId: a key id, key ARN, alias name or alias ARN.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id>
enum KeyIdentifier: Equatable {
    case key(id: String)
    case alias(name: String)

    /// - Throws: The refusals AWS has for identifiers of other forms, Regions and accounts.
    init(_ text: String, region: String, account: String) throws {
        guard (1...2048).contains(text.utf8.count) else {
            throw KMSFault.constraint(
                "Value '\(text)' at 'keyId'", "have length between 1 and 2048, inclusive")
        }
        guard text.hasPrefix("arn:") else {
            self = try Self.resource(text)
            return
        }
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[1] == "aws", parts[2] == "kms" else { throw Self.invalidARN(text) }
        guard parts[3] == region else { throw KMSFault.notFound("Invalid arn \(parts[3])") }
        guard parts[4] == account else {
            throw KMSFault("AccessDeniedException", "The resource \(text) is in another account.")
        }
        if parts[5].hasPrefix("key/") {
            self = try Self.resource(String(parts[5].dropFirst("key/".count)))
        } else if parts[5].hasPrefix("alias/") {
            self = .alias(name: parts[5])
        } else {
            throw Self.invalidARN(text)
        }
    }

    private static func resource(_ text: String) throws -> KeyIdentifier {
        if text.hasPrefix("alias/") { return .alias(name: text) }
        let isMultiRegion = text.wholeMatch(of: /mrk-[0-9a-f]{32}/) != nil
        guard isMultiRegion || UUID(uuidString: text)?.uuidString.lowercased() == text else {
            throw KMSFault.notFound("Invalid keyId '\(text)'")
        }
        return .key(id: text)
    }

    private static func invalidARN(_ text: String) -> KMSFault {
        KMSFault("InvalidArnException", "Invalid arn '\(text)'")
    }
}
