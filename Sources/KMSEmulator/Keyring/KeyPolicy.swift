import Foundation

/// The rules for the document that says who may use a key. The emulator stores it and lets everybody do
/// everything, but for setting one that its setter could not change (`PolicyLockout`).
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html>
enum KeyPolicy {
    /// The only policy a key has.
    static let name = "default"
    /// Bytes; docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html.
    private static let quota = 32768

    /// - Throws: MalformedPolicyDocumentException for what is no policy, LimitExceededException above 32 KiB.
    static func validate(_ policy: String) throws {
        guard (1...131072).contains(policy.utf8.count) else {
            throw KMSFault.constraint("Value at 'policy'", "have length between 1 and 131072, inclusive")
        }
        guard policy.utf8.count <= quota else {
            throw KMSFault("LimitExceededException", "A key policy has \(quota) bytes at most.")
        }
        let document = try? JSONSerialization.jsonObject(with: Data(policy.utf8)) as? [String: Any]
        guard let document, document["Statement"] != nil else {
            throw KMSFault("MalformedPolicyDocumentException", "The policy is no JSON document with a Statement.")
        }
    }

    /// - Throws: NotFoundException for any name but the one there is.
    static func require(name: String?) throws {
        guard name ?? self.name == self.name else { throw KMSFault.notFound("No such policy exists") }
    }

    /// As AWS writes it (docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html, Examples).
    static func standard(account: String) -> String {
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
