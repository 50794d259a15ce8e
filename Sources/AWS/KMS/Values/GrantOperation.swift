/// An operation that a grant allows.
package struct GrantOperation: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let decrypt = GrantOperation(rawValue: "Decrypt")
    package static let encrypt = GrantOperation(rawValue: "Encrypt")
    package static let generateDataKey = GrantOperation(rawValue: "GenerateDataKey")
    package static let generateDataKeyWithoutPlaintext = GrantOperation(rawValue: "GenerateDataKeyWithoutPlaintext")
    package static let reEncryptFrom = GrantOperation(rawValue: "ReEncryptFrom")
    package static let reEncryptTo = GrantOperation(rawValue: "ReEncryptTo")
    package static let sign = GrantOperation(rawValue: "Sign")
    package static let verify = GrantOperation(rawValue: "Verify")
    package static let getPublicKey = GrantOperation(rawValue: "GetPublicKey")
    package static let createGrant = GrantOperation(rawValue: "CreateGrant")
    package static let retireGrant = GrantOperation(rawValue: "RetireGrant")
    package static let describeKey = GrantOperation(rawValue: "DescribeKey")
    package static let generateDataKeyPair = GrantOperation(rawValue: "GenerateDataKeyPair")
    package static let generateDataKeyPairWithoutPlaintext = GrantOperation(
        rawValue: "GenerateDataKeyPairWithoutPlaintext")
    package static let generateMac = GrantOperation(rawValue: "GenerateMac")
    package static let verifyMac = GrantOperation(rawValue: "VerifyMac")
    package static let deriveSharedSecret = GrantOperation(rawValue: "DeriveSharedSecret")
}
