/// Whether a key's material is present or has to be imported again.
package struct ImportState: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let imported = ImportState(rawValue: "IMPORTED")
    package static let pendingImport = ImportState(rawValue: "PENDING_IMPORT")
}
