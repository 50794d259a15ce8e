package import AWS
package import Ceremony
import CryptoPrimitives
package import Evidence
import Foundation

/// AWS KMS and STS as the ceremony needs them, over AWS's own protocol.
package struct KeyService: KMSPort {
    let kms: KMSClient
    private let sts: STSClient
    /// By AWS's name of the operation, where AWS takes few calls a second.
    private let paces: [String: Pace<ContinuousClock>]
    /// On AWS most changes show within seconds, some later; an emulator on this machine shows them at once.
    package var settlesWithin: Int

    /// - Parameter quotas: Calls of one operation keep apart by them.
    package init(kms: KMSClient, sts: STSClient, quotas: Quotas) {
        self.kms = kms
        self.sts = sts
        paces = quotas.perSecond.mapValues { Pace(perSecond: $0, clock: ContinuousClock()) }
        settlesWithin = kms.endpoint.isLoopback ? 0 : 120
    }

    package func callerIdentity() async throws -> CallerIdentity {
        CallerIdentity(try await sts.getCallerIdentity())
    }

    package func describe(_ key: String) async throws -> KMSKey {
        let found = try await known(key) { try await kms.describeKey(.init(keyID: key)).output.keyMetadata }
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
                try await kms.listKeyRotations(
                    .init(keyID: key, includeKeyMaterial: .allKeyMaterial, limit: nil, marker: marker)
                ).output
            }
            materials += try page.rotations.map(Self.material)
            marker = page.truncated == true ? page.nextMarker : nil
        } while marker != nil
        return materials
    }

    private static func material(_ entry: RotationsListEntry) throws -> KMSMaterial {
        KMSMaterial(
            id: try require(entry.keyMaterialID, "KeyMaterialId", in: "ListKeyRotations"),
            state: entry.keyMaterialState.flatMap { .init(rawValue: $0.rawValue) } ?? .other,
            description: entry.keyMaterialDescription, onDemand: entry.rotationType == .onDemand)
    }

    package func policy(of key: String) async throws -> PolicyText {
        PolicyText(try await known(key) { try await kms.getKeyPolicy(.init(keyID: key)).output.policy })
    }

    package func importParameters(
        of key: String, algorithm: Evidence.WrappingAlgorithm, keySpec: String
    ) async throws -> ImportParameters {
        try await paces[GetParametersForImport.name]?.turn()
        let answer = try await known(key) {
            try await kms.getParametersForImport(
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
        let answer = try await effect(ImportKeyMaterial.name) {
            try await kms.importKeyMaterial(
                .init(
                    keyID: request.key, importToken: Blob(request.token), encryptedKeyMaterial: Blob(request.blob),
                    expirationModel: .keyMaterialDoesNotExpire, importType: type,
                    keyMaterialDescription: request.description, keyMaterialID: material))
        }
        return ImportAnswer(material: answer.output.keyMaterialID, request: answer.requestID ?? "unknown")
    }

    package func rotate(_ key: String) async throws -> String? {
        do {
            return try await effect(RotateKeyOnDemand.name) {
                try await kms.rotateKeyOnDemand(.init(keyID: key))
            }.requestID ?? "unknown"
        } catch let error as AWSError where error.code == .conflict {
            return nil
        }
    }

    package func encrypt(_ plaintext: [UInt8], with key: String) async throws -> [UInt8] {
        try await known(key) {
            try await kms.encrypt(.init(keyID: key, plaintext: Blob(plaintext))).output.ciphertextBlob.bytes
        }
    }

    package func decrypt(_ ciphertext: [UInt8], with key: String) async throws -> Decrypted {
        let output = try await kms.decrypt(.init(ciphertextBlob: Blob(ciphertext), keyID: key)).output
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
            try await kms.generateMac(.init(message: Blob(message), keyID: key, macAlgorithm: algorithm))
                .output.mac.bytes
        }
    }

    package func publicKey(of key: String) async throws -> [UInt8] {
        try await known(key) { try await kms.getPublicKey(.init(keyID: key)).output.publicKey.bytes }
    }

    /// Says of KMS's word that there is no such key or alias what the ceremony calls it: it may be there later.
    func known<R>(_ key: String, _ call: () async throws -> R) async throws -> R {
        do { return try await call() } catch let error as AWSError where error.code == .notFound {
            throw NoSuchKey(key, at: kms.endpoint.description)
        }
    }

    /// Has a call keep to the operation's pace, and says of a lost answer, and of a refusal, what the ceremony calls it. A
    /// conflict is one with our own call.
    func effect<T>(
        _ operation: String, _ call: () async throws -> AWSAnswer<T>
    ) async throws -> AWSAnswer<T> {
        try await paces[operation]?.turn()
        do { return try await call() } catch AWSError.answerLost(let operation, _, _) {
            throw AnswerLost(call: operation)
        } catch AWSError.service(let error) where error.code != .conflict {
            throw ServiceRefused(code: error.code.rawValue, request: error.requestID, what: error.description)
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
