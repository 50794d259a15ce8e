package import AWS
package import Ceremony
import CryptoPrimitives
package import Evidence
import Foundation

extension AWSError: ServiceTrouble {}

/// AWS KMS and STS as the ceremony needs them, over AWS's own protocol.
///
/// Where roles are apart each call goes out by the one that it belongs to, and by no other if that may not make it.
package struct KeyService: KMSPort {
    /// The services by one caller.
    package struct Clients: Sendable {
        let kms: KMSClient
        let sts: STSClient

        package init(kms: KMSClient, sts: STSClient) {
            self.kms = kms
            self.sts = sts
        }
    }

    /// Of who looks, or does everything.
    private let looking: Clients
    /// Nil where one caller does everything.
    private let others: [CallerRole: Clients]?
    /// By AWS's name of the operation, where AWS takes few calls a second.
    private let paces: [String: Pace<ContinuousClock>]
    /// On AWS most changes show within seconds, some later; an emulator on this machine shows them at once.
    package var settlesWithin: Int

    /// Has one caller do everything.
    ///
    /// - Parameter quotas: Calls of one operation keep apart by them.
    package init(kms: KMSClient, sts: STSClient, quotas: Quotas) {
        self.init(Clients(kms: kms, sts: sts), others: nil, quotas: quotas)
    }

    /// - Parameters:
    ///   - looking: By who looks, or does everything.
    ///   - others: By who does the rest; nil where one caller does everything.
    ///   - quotas: Calls of one operation keep apart by them.
    package init(_ looking: Clients, others: [CallerRole: Clients]?, quotas: Quotas) {
        self.looking = looking
        self.others = others
        paces = quotas.perSecond.mapValues { Pace(perSecond: $0, clock: ContinuousClock()) }
        settlesWithin = looking.kms.endpoint.isLoopback ? 0 : 120
    }

    package func callerIdentity() async throws -> CallerIdentity {
        try await callerIdentity(of: .look)
    }

    /// The callers that there are; one that does everything stands at `look`.
    package var roles: [CallerRole] { CallerRole.allCases.filter { $0 == .look || others?[$0] != nil } }

    /// The identity behind the calls in a role.
    package func callerIdentity(of role: CallerRole) async throws -> CallerIdentity {
        CallerIdentity(try await clients(of: role).sts.getCallerIdentity())
    }

    private func clients(of role: CallerRole) throws -> Clients {
        guard let others, role != .look else { return looking }
        guard let own = others[role] else {
            throw CeremonyError(
                .environment, "The site's roles have none to \(role.rawValue) with",
                remedy: "Add aws.roles.\(role.rawValue) to the site")
        }
        return own
    }

    package func describe(_ key: String) async throws -> KMSKey {
        let found = try await known(key) { try await $0.describeKey(.init(keyID: key)).output.keyMetadata }
        return KMSKey(
            arn: found.arn, state: found.keyState.rawValue,
            origin: found.origin?.rawValue ?? "unknown", spec: found.keySpec?.rawValue ?? "unknown",
            usage: found.keyUsage?.rawValue ?? "unknown",
            multiRegion: found.multiRegion ?? false, relatedKeys: try Self.relatedKeys(found),
            currentMaterial: found.currentKeyMaterialID)
    }

    private static func relatedKeys(_ found: KeyMetadata) throws -> [String] {
        guard found.multiRegion == true else { return [] }
        let all = try require(found.multiRegionConfiguration, "MultiRegionConfiguration", in: "DescribeKey")
        let primary = all.primaryKey.map { [$0] } ?? []
        return (primary + (all.replicaKeys ?? [])).map { $0.arn ?? "unknown" }.filter { $0 != found.arn }
    }

    package func materials(of key: String) async throws -> [KMSMaterial] {
        var materials: [KMSMaterial] = []
        var marker: String?
        repeat {
            let page = try await known(key) {
                try await $0.listKeyRotations(
                    .init(keyID: key, includeKeyMaterial: .allKeyMaterial, limit: nil, marker: marker)
                ).output
            }
            materials += try page.rotations.map(Self.material)
            marker = page.truncated == true ? page.nextMarker : nil
        } while marker != nil
        return materials
    }

    private static func material(_ entry: RotationsListEntry) throws -> KMSMaterial {
        let isImported = entry.importState.map { $0 == .imported } ?? true
        let expires = entry.expirationModel == .keyMaterialExpires || entry.validTo != nil
        // What stands there of material that is gone says nothing of what was imported last.
        let expiry: Expiry =
            isImported && expires ? .at(try time(require(entry.validTo, "ValidTo", in: "ListKeyRotations"))) : .never
        return KMSMaterial(
            id: try require(entry.keyMaterialID, "KeyMaterialId", in: "ListKeyRotations"),
            state: entry.keyMaterialState.flatMap { .init(rawValue: $0.rawValue) } ?? .other,
            description: entry.keyMaterialDescription, onDemand: entry.rotationType == .onDemand,
            isImported: isImported, expiry: expiry)
    }

    package func policy(of key: String) async throws -> PolicyText {
        PolicyText(try await known(key) { try await $0.getKeyPolicy(.init(keyID: key)).output.policy })
    }

    package func importParameters(
        of key: String, algorithm: Evidence.WrappingAlgorithm, keySpec: String
    ) async throws -> ImportParameters {
        try await paces[GetParametersForImport.name]?.turn()
        let answer = try await known(key, as: .fetch) {
            try await $0.getParametersForImport(
                .init(
                    keyID: key, wrappingAlgorithm: AWS.WrappingAlgorithm(rawValue: algorithm.rawValue),
                    wrappingKeySpec: WrappingKeySpec(rawValue: keySpec)))
        }
        guard answer.output.keyID == key else {
            throw CeremonyError(
                .state, "KMS answered a fetch for \(key) with the key \(answer.output.keyID)",
                remedy: "Nothing was wrapped. Check the endpoint")
        }
        return ImportParameters(
            publicKey: answer.output.publicKey.bytes, token: answer.output.importToken.bytes,
            validUntil: try Self.time(answer.output.parametersValidTo),
            request: answer.requestID ?? "unknown", tlsLeaf: answer.tlsLeafSHA256)
    }

    package func importMaterial(_ request: ImportRequest) async throws -> ImportAnswer {
        let (type, material): (ImportType?, String?) =
            switch request.kind {
            case .only: (nil, nil)
            case .new: (.newKeyMaterial, nil)
            case .existing(let material): (.existingKeyMaterial, material)
            }
        let (model, validTo): (ExpirationModel, AWS.Timestamp?) =
            switch request.expiry {
            case .never: (.keyMaterialDoesNotExpire, nil)
            case .at(let time): (.keyMaterialExpires, .init(secondsSinceEpoch: Double(time.epochSeconds)))
            }
        let answer = try await effect(ImportKeyMaterial.name, as: .import) {
            try await $0.importKeyMaterial(
                .init(
                    keyID: request.key, importToken: Blob(request.token), encryptedKeyMaterial: Blob(request.blob),
                    validTo: validTo, expirationModel: model, importType: type,
                    keyMaterialDescription: request.description, keyMaterialID: material))
        }
        return ImportAnswer(material: answer.output.keyMaterialID, request: answer.requestID ?? "unknown")
    }

    package func rotate(_ key: String) async throws -> String? {
        do {
            return try await effect(RotateKeyOnDemand.name, as: .activate) {
                try await $0.rotateKeyOnDemand(.init(keyID: key))
            }.requestID ?? "unknown"
        } catch let error as AWSError where error.code == .conflict {
            return nil
        }
    }

    package func deleteMaterial(_ material: String, of key: String) async throws -> DeletionAnswer {
        let answer = try await effect(DeleteImportedKeyMaterial.name, as: .activate) {
            try await $0.deleteImportedKeyMaterial(.init(keyID: key, keyMaterialID: material))
        }
        return DeletionAnswer(material: answer.output.keyMaterialID, request: answer.requestID ?? "unknown")
    }

    package func encrypt(_ plaintext: [UInt8], with key: String) async throws -> [UInt8] {
        try await known(key) {
            try await $0.encrypt(.init(keyID: key, plaintext: Blob(plaintext))).output.ciphertextBlob.bytes
        }
    }

    package func decrypt(_ ciphertext: [UInt8], with key: String) async throws -> Decrypted {
        let output = try await call(as: .look) {
            try await $0.decrypt(.init(ciphertextBlob: Blob(ciphertext), keyID: key)).output
        }
        return Decrypted(
            plaintext: try Self.require(output.plaintext, "Plaintext", in: "Decrypt").bytes,
            material: try Self.require(output.keyMaterialID, "KeyMaterialId", in: "Decrypt"))
    }

    package func authenticate(
        _ message: [UInt8], with key: String, of keySpec: Evidence.KeySpec
    ) async throws -> [UInt8] {
        let algorithm: MACAlgorithm =
            switch keySpec {
            case .hmac224: .hmacSHA224
            case .hmac256: .hmacSHA256
            case .hmac384: .hmacSHA384
            case .hmac512: .hmacSHA512
            default:
                throw CeremonyError(
                    .state, "KMS takes no codes with a \(keySpec.rawValue) key",
                    remedy: "Report this: it is Keyrite's fault")
            }
        return try await known(key) {
            try await $0.generateMac(.init(message: Blob(message), keyID: key, macAlgorithm: algorithm))
                .output.mac.bytes
        }
    }

    package func publicKey(of key: String) async throws -> [UInt8] {
        try await known(key) { try await $0.getPublicKey(.init(keyID: key)).output.publicKey.bytes }
    }

    /// Has a role call KMS, and nobody else in its place. A refusal says which it was.
    func call<R>(as role: CallerRole, _ call: (KMSClient) async throws -> R) async throws -> R {
        do { return try await call(try clients(of: role).kms) } catch AWSError.service(let error)
            where others != nil && error.code == .accessDenied
        {
            throw CeremonyError(
                .environment, Self.denied(error, role),
                remedy: "Give it what it lacks, and nothing more, then run again")
        }
    }

    /// Looks, with AWS's own word of a refusal, for who takes that as an answer.
    func look<R>(_ call: (KMSClient) async throws -> R) async throws -> R { try await call(looking.kms) }

    private static func denied(_ error: ServiceError, _ role: CallerRole) -> String {
        "The role \(role.rawValue) may not do its part: \(error)"
    }

    /// Says of KMS's word that there is no such key or alias what the ceremony calls it: it may be there later.
    func known<R>(
        _ key: String, as role: CallerRole = .look, _ call: (KMSClient) async throws -> R
    ) async throws -> R {
        do { return try await self.call(as: role, call) } catch let error as AWSError where error.code == .notFound {
            throw NoSuchKey(key, at: looking.kms.endpoint.description)
        }
    }

    /// Has a call keep to the operation's pace, and says of a lost answer, and of a refusal, what the ceremony calls it. A
    /// conflict is one with our own call.
    func effect<T>(
        _ operation: String, as role: CallerRole, _ call: (KMSClient) async throws -> AWSAnswer<T>
    ) async throws -> AWSAnswer<T> {
        try await paces[operation]?.turn()
        let client = try clients(of: role).kms
        do { return try await call(client) } catch AWSError.answerLost(let operation, _, _) {
            throw AnswerLost(call: operation)
        } catch AWSError.service(let error) where error.code != .conflict {
            let isDenied = others != nil && error.code == .accessDenied
            throw ServiceRefused(
                code: error.code.rawValue, request: error.requestID,
                what: isDenied ? Self.denied(error, role) : error.description)
        }
    }

    private static func time(_ wire: AWS.Timestamp) throws -> Evidence.Timestamp {
        guard let seconds = Int64(exactly: wire.secondsSinceEpoch.rounded(.down)) else {
            throw CeremonyError(.state, "KMS sent a time that is none", remedy: "Check the endpoint; run again")
        }
        return .init(epochSeconds: seconds)
    }

    static func require<T>(_ value: T?, _ name: String, in operation: String) throws -> T {
        guard let value else {
            throw CeremonyError(
                .state, "KMS's answer to \(operation) lacks \(name)", remedy: "Check the endpoint; run again")
        }
        return value
    }
}

extension CallerIdentity {
    /// As STS tells it.
    init(_ answer: AWSAnswer<GetCallerIdentity.Output>) {
        self.init(
            arn: answer.output.arn, account: answer.output.account,
            time: answer.serverDate.map { .init(epochSeconds: Int64($0.timeIntervalSince1970)) })
    }
}
