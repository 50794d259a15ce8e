import Foundation

/// KMS's wire protocol, AWS JSON 1.1: what client and emulator must agree on.
///
/// <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>
package enum KMSWire {
    /// The signing name of the service, and the first label of its host names.
    package static let service = "kms"
    package static let contentType = "application/x-amz-json-1.1"
    /// Stands before the operation's name in the header `X-Amz-Target`.
    package static let targetPrefix = "TrentService."

    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value))
    }

    /// - Parameter body: JSON; an empty body stands for `{}`, as AWS answers where there is nothing to say.
    package static func decode<T: Decodable>(_ type: T.Type, from body: [UInt8]) throws -> T {
        try JSONDecoder().decode(type, from: body.isEmpty ? Data("{}".utf8) : Data(body))
    }

    /// What is wrong with JSON that could not be decoded; it quotes none of it.
    package static func complaint(_ error: any Error) -> String {
        func path(_ context: DecodingError.Context, _ last: String? = nil) -> String {
            (context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue } + (last.map { [$0] } ?? []))
                .joined(separator: ".")
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context)?: return "lacks \(path(context, key.stringValue))"
        case .valueNotFound(_, let context)?: return "has null at \(path(context))"
        case .typeMismatch(_, let context)?: return "has the wrong type at \(path(context))"
        case .dataCorrupted(let context)? where !context.codingPath.isEmpty: return "is malformed at \(path(context))"
        default: return "is not JSON"
        }
    }
}
