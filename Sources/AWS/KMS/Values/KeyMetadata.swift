/// What KMS says about a key.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html>
package struct KeyMetadata: Codable, Hashable, Sendable {
    package let awsAccountID: String?
    /// The key's id.
    package let keyID: String
    /// The key's ARN.
    package let arn: String
    package let creationDate: Timestamp?
    package let enabled: Bool?
    package let description: String?
    package let keyUsage: KeyUsage?
    package let keyState: KeyState
    package let deletionDate: Timestamp?
    /// The earliest expiry of any material of the key.
    package let validTo: Timestamp?
    package let origin: KeyOrigin?
    package let customKeyStoreID: String?
    package let cloudHsmClusterID: String?
    package let expirationModel: ExpirationModel?
    package let keyManager: KeyManager?
    /// The older name of `keySpec`; AWS still sends both.
    package let customerMasterKeySpec: KeySpec?
    package let keySpec: KeySpec?
    package let encryptionAlgorithms: [EncryptionAlgorithm]?
    package let signingAlgorithms: [SigningAlgorithm]?
    package let keyAgreementAlgorithms: [String]?
    package let encapsulationAlgorithms: [String]?
    package let multiRegion: Bool?
    package let multiRegionConfiguration: MultiRegionConfiguration?
    /// Days; of multi-Region primary keys that wait for their replicas.
    package let pendingDeletionWindowInDays: Int?
    package let macAlgorithms: [MACAlgorithm]?
    /// 64 lowercase hex digits; of symmetric keys only.
    package let currentKeyMaterialID: String?

    package init(
        awsAccountID: String? = nil,
        keyID: String,
        arn: String,
        creationDate: Timestamp? = nil,
        enabled: Bool? = nil,
        description: String? = nil,
        keyUsage: KeyUsage? = nil,
        keyState: KeyState,
        deletionDate: Timestamp? = nil,
        validTo: Timestamp? = nil,
        origin: KeyOrigin? = nil,
        customKeyStoreID: String? = nil,
        cloudHsmClusterID: String? = nil,
        expirationModel: ExpirationModel? = nil,
        keyManager: KeyManager? = nil,
        customerMasterKeySpec: KeySpec? = nil,
        keySpec: KeySpec? = nil,
        encryptionAlgorithms: [EncryptionAlgorithm]? = nil,
        signingAlgorithms: [SigningAlgorithm]? = nil,
        keyAgreementAlgorithms: [String]? = nil,
        encapsulationAlgorithms: [String]? = nil,
        multiRegion: Bool? = nil,
        multiRegionConfiguration: MultiRegionConfiguration? = nil,
        pendingDeletionWindowInDays: Int? = nil,
        macAlgorithms: [MACAlgorithm]? = nil,
        currentKeyMaterialID: String? = nil
    ) {
        self.awsAccountID = awsAccountID
        self.keyID = keyID
        self.arn = arn
        self.creationDate = creationDate
        self.enabled = enabled
        self.description = description
        self.keyUsage = keyUsage
        self.keyState = keyState
        self.deletionDate = deletionDate
        self.validTo = validTo
        self.origin = origin
        self.customKeyStoreID = customKeyStoreID
        self.cloudHsmClusterID = cloudHsmClusterID
        self.expirationModel = expirationModel
        self.keyManager = keyManager
        self.customerMasterKeySpec = customerMasterKeySpec
        self.keySpec = keySpec
        self.encryptionAlgorithms = encryptionAlgorithms
        self.signingAlgorithms = signingAlgorithms
        self.keyAgreementAlgorithms = keyAgreementAlgorithms
        self.encapsulationAlgorithms = encapsulationAlgorithms
        self.multiRegion = multiRegion
        self.multiRegionConfiguration = multiRegionConfiguration
        self.pendingDeletionWindowInDays = pendingDeletionWindowInDays
        self.macAlgorithms = macAlgorithms
        self.currentKeyMaterialID = currentKeyMaterialID
    }

    private enum CodingKeys: String, CodingKey {
        case awsAccountID = "AWSAccountId"
        case keyID = "KeyId"
        case arn = "Arn"
        case creationDate = "CreationDate"
        case enabled = "Enabled"
        case description = "Description"
        case keyUsage = "KeyUsage"
        case keyState = "KeyState"
        case deletionDate = "DeletionDate"
        case validTo = "ValidTo"
        case origin = "Origin"
        case customKeyStoreID = "CustomKeyStoreId"
        case cloudHsmClusterID = "CloudHsmClusterId"
        case expirationModel = "ExpirationModel"
        case keyManager = "KeyManager"
        case customerMasterKeySpec = "CustomerMasterKeySpec"
        case keySpec = "KeySpec"
        case encryptionAlgorithms = "EncryptionAlgorithms"
        case signingAlgorithms = "SigningAlgorithms"
        case keyAgreementAlgorithms = "KeyAgreementAlgorithms"
        case encapsulationAlgorithms = "EncapsulationAlgorithms"
        case multiRegion = "MultiRegion"
        case multiRegionConfiguration = "MultiRegionConfiguration"
        case pendingDeletionWindowInDays = "PendingDeletionWindowInDays"
        case macAlgorithms = "MacAlgorithms"
        case currentKeyMaterialID = "CurrentKeyMaterialId"
    }
}
