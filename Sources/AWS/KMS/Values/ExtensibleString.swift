/// A string with values we know and values that AWS may add any day: an unknown one is kept and stands beside the known.
package protocol ExtensibleString: RawRepresentable<String>, Codable, Hashable, Sendable, CustomStringConvertible {
    init(rawValue: String)
}

extension ExtensibleString {
    package var description: String { rawValue }
}
