/// Whether a multi-Region key is the primary or a replica.
package struct MultiRegionKeyType: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let primary = MultiRegionKeyType(rawValue: "PRIMARY")
    package static let replica = MultiRegionKeyType(rawValue: "REPLICA")
}
