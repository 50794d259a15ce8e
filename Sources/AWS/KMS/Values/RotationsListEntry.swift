/// One material of a key, as ListKeyRotations tells of it.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_RotationsListEntry.html>
package struct RotationsListEntry: Codable, Hashable, Sendable {
    /// The ARN of the key.
    package let keyID: String?
    /// 64 lowercase hex digits.
    package let keyMaterialID: String?
    package let keyMaterialDescription: String?
    package let importState: ImportState?
    package let keyMaterialState: KeyMaterialState?
    package let expirationModel: ExpirationModel?
    /// When this material expires; absent if it does not.
    package let validTo: Timestamp?
    /// When this material became current; absent of the first and of a pending one.
    package let rotationDate: Timestamp?
    package let rotationType: RotationType?

    package init(
        keyID: String? = nil,
        keyMaterialID: String? = nil,
        keyMaterialDescription: String? = nil,
        importState: ImportState? = nil,
        keyMaterialState: KeyMaterialState? = nil,
        expirationModel: ExpirationModel? = nil,
        validTo: Timestamp? = nil,
        rotationDate: Timestamp? = nil,
        rotationType: RotationType? = nil
    ) {
        self.keyID = keyID
        self.keyMaterialID = keyMaterialID
        self.keyMaterialDescription = keyMaterialDescription
        self.importState = importState
        self.keyMaterialState = keyMaterialState
        self.expirationModel = expirationModel
        self.validTo = validTo
        self.rotationDate = rotationDate
        self.rotationType = rotationType
    }

    private enum CodingKeys: String, CodingKey {
        case keyID = "KeyId"
        case keyMaterialID = "KeyMaterialId"
        case keyMaterialDescription = "KeyMaterialDescription"
        case importState = "ImportState"
        case keyMaterialState = "KeyMaterialState"
        case expirationModel = "ExpirationModel"
        case validTo = "ValidTo"
        case rotationDate = "RotationDate"
        case rotationType = "RotationType"
    }
}
