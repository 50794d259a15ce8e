/// Where one material stands in its key's history.
package struct KeyMaterialState: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let nonCurrent = KeyMaterialState(rawValue: "NON_CURRENT")
    package static let current = KeyMaterialState(rawValue: "CURRENT")
    package static let pendingRotation = KeyMaterialState(rawValue: "PENDING_ROTATION")
    package static let pendingMultiRegionImportAndRotation = KeyMaterialState(
        rawValue: "PENDING_MULTI_REGION_IMPORT_AND_ROTATION")
}
