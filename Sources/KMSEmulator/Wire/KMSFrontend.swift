import AWS
import Foundation

/// KMS as it is on the wire: AWS JSON 1.1 in, the keyring's rules, AWS JSON 1.1 out.
struct KMSFrontend: Sendable {
    private typealias Handler = @Sendable ([UInt8], Keyring, String) async throws -> [UInt8]

    let keyring: Keyring

    /// Every operation the emulator serves, by AWS's name.
    private static let handlers: [String: Handler] = Dictionary(
        uniqueKeysWithValues: [
            handler(CancelKeyDeletion.self), handler(CreateAlias.self), handler(CreateGrant.self),
            handler(CreateKey.self), handler(Decrypt.self), handler(DeleteAlias.self),
            handler(DeleteImportedKeyMaterial.self), handler(DescribeKey.self), handler(DisableKey.self),
            handler(EnableKey.self), handler(Encrypt.self), handler(GenerateDataKey.self),
            handler(GenerateDataKeyWithoutPlaintext.self), handler(GenerateMac.self), handler(GenerateRandom.self),
            handler(GetKeyPolicy.self), handler(GetKeyRotationStatus.self), handler(GetParametersForImport.self),
            handler(GetPublicKey.self), handler(ImportKeyMaterial.self), handler(ListAliases.self),
            handler(ListGrants.self), handler(ListKeyPolicies.self), handler(ListKeyRotations.self),
            handler(ListKeys.self), handler(ListResourceTags.self), handler(PutKeyPolicy.self), handler(ReEncrypt.self),
            handler(ReplicateKey.self), handler(RevokeGrant.self), handler(RotateKeyOnDemand.self),
            handler(ScheduleKeyDeletion.self), handler(Sign.self), handler(TagResource.self),
            handler(UntagResource.self), handler(UpdateAlias.self), handler(UpdateKeyDescription.self),
            handler(Verify.self), handler(VerifyMac.self),
        ])

    static var operations: [String] { Array(handlers.keys) }

    /// - Parameter region: Whose endpoint was asked.
    /// - Throws: Whatever goes wrong; `answer(refusing:)` says it to the client.
    func answer(_ request: WireRequest, operation: String, region: String) async throws -> WireAnswer {
        guard let handler = Self.handlers[operation] else {
            let fault = KMSFault("UnknownOperationException", "The emulator does not serve \(operation).")
            await keyring.record(operation, key: nil, error: fault.code)
            throw fault
        }
        let body = try await handler(request.body, keyring, region)
        return WireAnswer(status: 200, contentType: KMSWire.contentType, body: body)
    }

    static func answer(refusing fault: KMSFault) -> WireAnswer {
        var body = ["__type": fault.code]
        body["message"] = fault.message
        let encoded = (try? KMSWire.encode(body)) ?? Array("{}".utf8)
        return WireAnswer(status: fault.status, contentType: KMSWire.contentType, body: encoded)
    }

    private static func handler<Operation: KeyringOperation>(_ operation: Operation.Type) -> (String, Handler) {
        let handler: Handler = { body, keyring, region in
            let input: Operation.Input
            do {
                input = try KMSWire.decode(Operation.Input.self, from: body)
            } catch {
                let fault = refusal(of: error)
                await keyring.record(Operation.name, key: nil, error: fault.code)
                throw fault
            }
            let output = try await keyring.serve(operation, input, in: region)
            return output is NoOutput ? [] : try KMSWire.encode(output)
        }
        return (Operation.name, handler)
    }

    /// What AWS says of a body that is not the operation's input.
    private static func refusal(of error: any Error) -> KMSFault {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            absent(context.codingPath + [key])
        case DecodingError.valueNotFound(_, let context):
            absent(context.codingPath)
        default:
            KMSFault("SerializationException", "The body is not the JSON of this operation's input.")
        }
    }

    private static func absent(_ path: [any CodingKey]) -> KMSFault {
        let members = path.map { key in
            key.intValue.map { "\($0 + 1).member" } ?? key.stringValue.prefix(1).lowercased()
                + key.stringValue.dropFirst()
        }
        return KMSFault.constraint("Value null at '\(members.joined(separator: "."))'", "not be null")
    }
}
