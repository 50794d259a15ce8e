/// How many calls a second an account may make in a Region, by operation.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
package struct RequestQuotas: Hashable, Sendable {
    /// Calls a second by AWS's name of the operation; what is not there is not counted.
    package let perSecond: [String: Int]

    package static let none = RequestQuotas(perSecond: [:])

    /// AWS's own, of what a ceremony asks.
    package static let aws = RequestQuotas(perSecond: [
        "GetParametersForImport": 1,
        "CreateKey": 5, "CreateAlias": 5, "UpdateAlias": 5, "RotateKeyOnDemand": 5, "ReplicateKey": 5,
        "ImportKeyMaterial": 15, "DeleteImportedKeyMaterial": 15, "PutKeyPolicy": 15,
        "ListKeyRotations": 100,
        "ListKeys": 500, "ListAliases": 500,
        "GetKeyPolicy": 1000, "GetKeyRotationStatus": 1000,
        "DescribeKey": 2000, "GetPublicKey": 2000,
        // docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
        "LookupEvents": 2,
    ])
}

extension RequestQuotas: Decodable {
    package init(from decoder: any Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            guard name == "aws" else {
                throw DecodingError.dataCorrupted(
                    .init(
                        codingPath: decoder.codingPath,
                        debugDescription: "it is \"aws\", or calls a second by operation"))
            }
            self = .aws
            return
        }
        let members = try decoder.container(keyedBy: MemberName.self)
        try members.refuseAll(but: ServedOperations.all.sorted())
        var table: [String: Int] = [:]
        for name in members.allKeys {
            let count = try members.decode(Int.self, forKey: name)
            try members.require(name, count >= 1, "must be 1 or more")
            table[name.stringValue] = count
        }
        self.init(perSecond: table)
    }
}
