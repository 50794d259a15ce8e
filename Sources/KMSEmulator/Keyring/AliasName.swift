/// The rules for the name of an alias.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html>
enum AliasName {
    static let prefix = "alias/"
    private static let reserved = "alias/aws/"

    /// - Throws: The refusals AWS has for a name that an alias of a customer's cannot have.
    static func validate(_ name: String) throws {
        guard (1...256).contains(name.utf8.count) else {
            throw KMSFault.constraint(
                "Value '\(name)' at 'aliasName'", "have length between 1 and 256, inclusive")
        }
        guard name.utf8.allSatisfy(isAllowed) else {
            throw KMSFault.constraint(
                "Value '\(name)' at 'aliasName'", "satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$")
        }
        guard name.hasPrefix(prefix), name != prefix else { throw KMSFault.validation("Invalid identifier") }
        guard !name.contains(":") else {
            throw KMSFault.validation("\(name) contains invalid characters for an alias")
        }
        guard !name.hasPrefix(reserved) else { throw KMSFault("NotAuthorizedException") }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
