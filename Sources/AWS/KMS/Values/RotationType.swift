/// What started a rotation.
package struct RotationType: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let automatic = RotationType(rawValue: "AUTOMATIC")
    package static let onDemand = RotationType(rawValue: "ON_DEMAND")
}
