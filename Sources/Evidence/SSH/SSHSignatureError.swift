/// Why an SSH signature counts for nothing; up to a semicolon in the words that verify.sh has for it, too.
package enum SSHSignatureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It is not in the one form that is read here.
    case malformed(String)
    /// It was made for another purpose than the one at hand.
    case otherNamespace(found: String, expected: String)
    /// It was made with another key; both are fingerprints.
    case otherKey(found: String, expected: String)
    /// It does not sign this message; the fingerprint is the key's.
    case doesNotVerify(key: String)

    package var description: String {
        switch self {
        case .malformed(let reason):
            "the SSH signature is not in its one form; \(reason)"
        case .otherNamespace(let found, let expected):
            "the SSH signature is for \"\(found)\", not for \"\(expected)\""
        case .otherKey(let found, let expected):
            "the SSH signature is by another key; \(found), not \(expected)"
        case .doesNotVerify(let key):
            "the SSH signature does not sign these bytes; the key is \(key)"
        }
    }
}
