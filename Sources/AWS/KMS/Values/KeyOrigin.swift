/// Where a key's material comes from; `external` is imported material.
package struct KeyOrigin: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let awsKMS = KeyOrigin(rawValue: "AWS_KMS")
    package static let external = KeyOrigin(rawValue: "EXTERNAL")
    package static let awsCloudHSM = KeyOrigin(rawValue: "AWS_CLOUDHSM")
    package static let externalKeyStore = KeyOrigin(rawValue: "EXTERNAL_KEY_STORE")
}
