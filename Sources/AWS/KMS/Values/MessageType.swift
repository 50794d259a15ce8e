/// What a signature is asked for: a message, or what was computed from it.
package struct MessageType: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let raw = MessageType(rawValue: "RAW")
    package static let digest = MessageType(rawValue: "DIGEST")
    package static let externalMu = MessageType(rawValue: "EXTERNAL_MU")
}
