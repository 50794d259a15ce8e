import AWS

/// A call that an inventory makes: an operation of a service.
package struct InventoryCall: Hashable, Sendable {
    /// The signing name, which is also that of IAM's actions: `s3`.
    package let service: String
    package let operation: String

    package init(_ service: String, _ operation: String) {
        (self.service, self.operation) = (service, operation)
    }

    /// Those in an account that is read. STS's GetCallerIdentity, which is asked before, needs no permission.
    ///
    /// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
    package static let inAccount: Set<InventoryCall> = {
        var calls = [
            InventoryCall(EnabledRegions.service.name, EnabledRegions.operation),
            InventoryCall(CallerLookup.service, CallerLookup.operation),
        ]
        calls += KeyReader.operations.map { InventoryCall(KeyReader.service.name, $0) }
        for source in ReferenceSource.all {
            calls += source.operations.map { InventoryCall(source.service.name, $0) }
        }
        return Set(calls)
    }()
    package static let listsAccounts = InventoryCall(Organization.service.name, Organization.operation)
    package static let assumesRole = InventoryCall("sts", AssumeRole.name)

    /// What IAM calls the permission.
    ///
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
    package var action: String { "\(service):\(Self.actions[self] ?? operation)" }

    /// Where that is not the operation's name.
    ///
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>
    private static let actions = [
        InventoryCall("s3", "ListBuckets"): "ListAllMyBuckets",
        InventoryCall("s3", "GetBucketEncryption"): "GetEncryptionConfiguration",
    ]
}
