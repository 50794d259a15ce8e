import AWS
import Foundation

/// KMS as it is on the wire: AWS JSON 1.1 in, the keyring's rules, AWS JSON 1.1 out.
struct KMSFrontend: Sendable {
    private typealias Handler = @Sendable ([UInt8], Keyring) async throws -> [UInt8]

    let keyring: Keyring

    /// Every operation the emulator serves, by AWS's name.
    private static let handlers: [String: Handler] = Dictionary(
        uniqueKeysWithValues: [
            handler(CreateAlias.self), handler(CreateGrant.self), handler(CreateKey.self), handler(Decrypt.self),
            handler(DeleteImportedKeyMaterial.self), handler(DescribeKey.self), handler(Encrypt.self),
            handler(GetKeyPolicy.self), handler(GetParametersForImport.self), handler(ImportKeyMaterial.self),
            handler(ListAliases.self), handler(ListGrants.self), handler(ListKeyRotations.self),
            handler(ListKeys.self), handler(ListResourceTags.self), handler(PutKeyPolicy.self),
            handler(RotateKeyOnDemand.self), handler(TagResource.self), handler(UpdateAlias.self),
        ])

    /// - Throws: Whatever goes wrong; `answer(refusing:)` says it to the client.
    func answer(_ request: WireRequest, operation: String) async throws -> WireAnswer {
        guard let handler = Self.handlers[operation] else {
            let fault = KMSFault("UnknownOperationException", "The emulator does not serve \(operation).")
            await keyring.record(operation, key: nil, error: fault.code)
            throw fault
        }
        let body = try await handler(request.body, keyring)
        return WireAnswer(status: 200, contentType: KMSWire.contentType, body: body)
    }

    static func answer(refusing fault: KMSFault) -> WireAnswer {
        var body = ["__type": fault.code]
        body["message"] = fault.message
        let encoded = (try? KMSWire.encode(body)) ?? Array("{}".utf8)
        return WireAnswer(status: fault.status, contentType: KMSWire.contentType, body: encoded)
    }

    private static func handler<Operation: KeyringOperation>(_ operation: Operation.Type) -> (String, Handler) {
        let handler: Handler = { body, keyring in
            let input: Operation.Input
            do {
                input = try KMSWire.decode(Operation.Input.self, from: body)
            } catch {
                let fault = refusal(of: error)
                await keyring.record(Operation.name, key: nil, error: fault.code)
                throw fault
            }
            let output = try await keyring.serve(operation, input)
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
