package import AWS
import CryptoPrimitives
import Foundation

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html>
extension CreateKey: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring) async throws -> Output {
        try requireServed(input)
        if let description = input.description, description.count > 8192 {
            throw KMSFault.constraint("Value at 'description'", "have length less than or equal to 8192")
        }
        try validate(tags: input.tags ?? [])
        let id = UUID().uuidString.lowercased()
        let key = ManagedKey(
            id: id,
            arn: keyring.arn("key/" + id),
            account: keyring.account,
            created: keyring.now,
            description: input.description ?? "",
            policy: try input.policy.map(validated) ?? defaultPolicy(account: keyring.account),
            tags: input.tags ?? [])
        keyring.store(key)
        return Output(keyMetadata: key.metadata)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { output?.keyMetadata.keyID }

    /// What the emulator is for; it refuses the rest rather than pretend.
    private static func requireServed(_ input: Input) throws {
        guard input.keySpec == nil || input.customerMasterKeySpec == nil else {
            throw KMSFault.validation("You cannot specify KeySpec and CustomerMasterKeySpec in the same request.")
        }
        let spec = input.keySpec ?? input.customerMasterKeySpec ?? .symmetricDefault
        guard spec == .symmetricDefault, input.keyUsage ?? .encryptDecrypt == .encryptDecrypt else {
            throw KMSFault.unsupported("The emulator serves symmetric encryption keys only.")
        }
        guard input.origin == .external else {
            throw KMSFault.unsupported("The emulator serves keys of origin EXTERNAL only.")
        }
        guard input.multiRegion != true, input.customKeyStoreID == nil, input.xksKeyID == nil else {
            throw KMSFault.unsupported("The emulator serves single-Region keys outside custom key stores only.")
        }
    }

    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Tag.html>
    private static func validate(tags: [Tag]) throws {
        for tag in tags {
            guard (1...128).contains(tag.tagKey.count), tag.tagValue.count <= 256, !tag.tagKey.hasPrefix("aws:") else {
                throw KMSFault("TagException", "The tag \(tag.tagKey) is not valid.")
            }
        }
        guard Set(tags.map(\.tagKey)).count == tags.count else {
            throw KMSFault("TagException", "A tag key stands twice.")
        }
    }

    private static func validated(policy: String) throws -> String {
        guard (1...131072).contains(policy.utf8.count) else {
            throw KMSFault.constraint("Value at 'policy'", "have length between 1 and 131072, inclusive")
        }
        let document = try? JSONSerialization.jsonObject(with: Data(policy.utf8)) as? [String: Any]
        guard let document, document["Statement"] != nil else {
            throw KMSFault("MalformedPolicyDocumentException", "The policy is no JSON document with a Statement.")
        }
        return policy
    }

    /// As AWS writes it (docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html, Examples).
    private static func defaultPolicy(account: String) -> String {
        """
        {
          "Version" : "2012-10-17",
          "Id" : "key-default-1",
          "Statement" : [ {
            "Sid" : "Enable IAM User Permissions",
            "Effect" : "Allow",
            "Principal" : {
              "AWS" : "arn:aws:iam::\(account):root"
            },
            "Action" : "kms:*",
            "Resource" : "*"
          } ]
        }
        """
    }
}
