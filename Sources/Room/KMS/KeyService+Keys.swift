import AWS
package import Ceremony
import CryptoPrimitives
package import Evidence
import Foundation

/// Keys as a whole, and their aliases.
extension KeyService {
    package func target(of alias: String) async throws -> String? {
        do {
            return try await call(as: .look) { try await $0.describeKey(.init(keyID: alias)).output.keyMetadata.arn }
        } catch let error as AWSError where error.code == .notFound {
            return nil
        }
    }

    package func settings(of key: String) async throws -> KeySettings {
        let (found, policy, tags) = try await known(key) { kms in
            let found = try await kms.describeKey(.init(keyID: key)).output.keyMetadata
            let policy = try await kms.getKeyPolicy(.init(keyID: found.arn)).output.policy
            return (found, policy, try await kms.allTags(keyID: found.arn).filter { !$0.tagKey.hasPrefix("aws:") })
        }
        return KeySettings(
            description: found.description ?? "", multiRegion: found.multiRegion ?? false, policy: policy,
            tags: tags.map { KeyTag($0.tagKey, $0.tagValue) })
    }

    package func grants(of key: String) async throws -> [PlanGrant] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try await call(as: .look) { try await $0.allGrants(keyID: key) }.map { grant in
            PlanGrant(
                id: grant.grantID, name: grant.name,
                grantee: grant.granteePrincipal ?? grant.granteeServicePrincipal ?? "unknown",
                retiring: grant.retiringPrincipal ?? grant.retiringServicePrincipal,
                operations: grant.operations.map(\.rawValue),
                constraints: try grant.constraints.map { String(decoding: try encoder.encode($0), as: UTF8.self) })
        }
    }

    /// How many keys the account and Region have (ListKeys, all pages).
    package func countKeys() async throws -> Int { try await call(as: .look) { try await $0.allKeys().count } }

    package func keys(tagged tag: KeyTag) async throws -> TaggedKeys {
        var found: [String] = []
        var unreadable = 0
        for key in try await call(as: .look, { try await $0.allKeys() }) {
            do {
                let tags = try await look { try await $0.allTags(keyID: key.keyID) }
                if tags.contains(where: { KeyTag($0.tagKey, $0.tagValue) == tag }) { found.append(key.keyARN) }
            } catch let error as AWSError where error.code == .accessDenied || error.code == .notFound {
                unreadable += 1
            }
        }
        return TaggedKeys(found: found, unreadable: unreadable)
    }

    package func createKey(
        _ settings: KeySettings, keySpec: Evidence.KeySpec, usage: Evidence.KeyUsage
    ) async throws -> CreateAnswer {
        let input = CreateKey.Input(
            policy: try PercentEncoding.decode(settings.policy),
            description: try PercentEncoding.decode(settings.description),
            keyUsage: AWS.KeyUsage(rawValue: usage.rawValue), keySpec: AWS.KeySpec(rawValue: keySpec.rawValue),
            origin: .external,
            // Else KMS wants whoever creates the key to be able to change its policy. That somebody can is for the plan.
            bypassPolicyLockoutSafetyCheck: true,
            tags: try settings.tags.map {
                Tag(tagKey: try PercentEncoding.decode($0.key), tagValue: try PercentEncoding.decode($0.value))
            },
            multiRegion: settings.multiRegion)
        let answer = try await effect(CreateKey.name, as: .create) { try await $0.createKey(input) }
        return CreateAnswer(key: answer.output.keyMetadata.arn, request: answer.requestID ?? "unknown")
    }

    package func createAlias(_ alias: String, for key: String) async throws -> String {
        try await effect(CreateAlias.name, as: .activate) {
            try await $0.createAlias(.init(aliasName: alias, targetKeyID: key))
        }.requestID ?? "unknown"
    }

    package func updateAlias(_ alias: String, to key: String) async throws -> String {
        try await effect(UpdateAlias.name, as: .activate) {
            try await $0.updateAlias(.init(aliasName: alias, targetKeyID: key))
        }.requestID ?? "unknown"
    }
}
