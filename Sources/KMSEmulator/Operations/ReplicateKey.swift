package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html>
extension ReplicateKey: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        try KeyDescription.validate(input.description)
        try TagRules.validate(input.tags ?? [])
        if let policy = input.policy {
            try KeyPolicy.validate(policy)
            try PolicyLockout.check(policy, isBypassed: input.bypassPolicyLockoutSafetyCheck)
        }
        let primary = try keyring.key(input.keyID, in: region, aliases: false)
        guard primary.isPrimary else {
            throw KMSFault.unsupported("\(primary.arn) is not a multi-Region primary key.")
        }
        try primary.requireEnabled()
        guard ServedRegion.isServed(input.replicaRegion) else {
            throw KMSFault.validation("\(input.replicaRegion) is not a Region of this partition.")
        }
        guard !keyring.related(to: primary).contains(where: { $0.region == input.replicaRegion }) else {
            throw KMSFault("AlreadyExistsException", "\(input.replicaRegion) already has a key \(primary.id).")
        }
        let replica = replica(of: primary, input, on: keyring)
        keyring.store(replica)
        return Output(
            replicaKeyMetadata: keyring.metadata(of: replica), replicaPolicy: replica.policy,
            replicaTags: replica.tags)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }

    /// The id, the kind and the material are shared; imported material has to be imported again.
    private static func replica(of primary: ManagedKey, _ input: Input, on keyring: isolated Keyring) -> ManagedKey {
        var replica = ManagedKey(
            id: primary.id,
            arn: keyring.arn("key/" + primary.id, in: input.replicaRegion),
            account: primary.account,
            region: input.replicaRegion,
            primaryRegion: primary.region,
            created: keyring.now,
            spec: primary.spec,
            usage: primary.usage,
            origin: primary.origin,
            description: input.description ?? "",
            policy: input.policy ?? KeyPolicy.standard(account: keyring.account),
            tags: input.tags ?? [])
        replica.materials = primary.materials
        if primary.origin == .external {
            for index in replica.materials.indices { replica.materials[index].forget() }
        }
        return replica
    }
}
