package import AWS
import Foundation

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html>
extension RotateKeyOnDemand: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        let key = try keyring.key(input.keyID, in: region, aliases: false)
        try key.requireRotatable()
        guard !key.isReplica else { throw KMSFault.unsupported("\(key.arn) is a replica; rotate its primary.") }
        try key.requireEnabled()
        if key.origin == .external { try requirePending(in: key, on: keyring) }
        guard key.rotationsUsed < ManagedKey.rotationLimit else {
            throw KMSFault(
                "LimitExceededException",
                "The on-demand rotations quota of \(ManagedKey.rotationLimit) for \(key.arn) is exceeded.")
        }
        let next = try key.origin == .external ? nil : newMaterial(for: key)
        for var related in keyring.related(to: key) {
            if let next { related.materials.append(next) }
            related.makePendingCurrent(at: keyring.now)
            keyring.store(related)
        }
        keyring.happened(.rotation(from: key.current?.id, to: next?.id ?? key.pending?.id), to: key)
        return Output(keyID: key.id)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }

    private static func requirePending(in key: ManagedKey, on keyring: isolated Keyring) throws {
        guard key.pending != nil else {
            throw KMSFault.invalidState("No available key material pending rotation for the key: \(key.arn).")
        }
        guard keyring.related(to: key).allSatisfy(\.hasPendingImported) else {
            throw KMSFault.invalidState(
                "The key material pending rotation for \(key.arn) is not imported into all its replica keys.")
        }
    }

    private static func newMaterial(for key: ManagedKey) throws -> KeyMaterial {
        var material = try KeyMaterial(first: key.type.newMaterial(), of: key)
        material.stage = .pendingRotation
        return material
    }
}

extension ManagedKey {
    fileprivate mutating func makePendingCurrent(at now: Date) {
        guard let pending = materials.lastIndex(where: { !$0.isPermanent }) else { return }
        for index in materials.indices where materials[index].stage == .current {
            materials[index].stage = .nonCurrent
        }
        materials[pending].stage = .current
        materials[pending].rotationDate = now
    }
}
