import Foundation

/// The one form in which evidence is written: RFC 8785, restricted so that `jq -cS` writes the same bytes.
///
/// Strings and keys are bytes 0x20–0x7E, numbers are integers of at most 2^53 − 1 either way, there is no null and no
/// fraction, and nothing nests deeper than 64. So the canonical bytes *are* the file, a SHA-256 of it needs no
/// canonicalising, and an auditor can compare with a tool that nobody here wrote.
package enum CanonicalJSON {
    /// The most bytes that are read unless the caller says otherwise: 16 MiB.
    package static let defaultLimit = 16 << 20
    /// The most containers that may lie inside one another.
    package static let maximumDepth = 64
    /// 2^53 − 1, the largest integer that every JSON reader keeps exactly (RFC 8785, 3.2.2.3 and appendix D).
    package static let maximumInteger: Int64 = (1 << 53) - 1

    /// Writes a value in its one canonical form, without a line feed at the end.
    ///
    /// Optionals that are nil are left out. A `Double` that happens to be whole is written as an integer.
    ///
    /// - Throws: `CanonicalJSONError` for what evidence cannot hold.
    package static func encode<T: Encodable>(_ value: T) throws -> [UInt8] {
        var writer = CanonicalJSONWriter()
        try writer.write(try tree(of: value))
        return writer.bytes
    }

    /// Reads a value from bytes that must be exactly what `encode` writes for it.
    ///
    /// The bytes are parsed strictly, decoded, encoded again and compared: unknown and duplicate keys, white space,
    /// other forms of a number or string, null for an absent optional are all refused.
    ///
    /// - Parameters:
    ///   - bytes: One document, without a line feed at the end.
    ///   - limit: The most bytes that are looked at.
    /// - Throws: `CanonicalJSONError` with the place of the first deviation.
    package static func decode<T: Codable>(
        _ type: T.Type, from bytes: [UInt8], limit: Int = defaultLimit
    ) throws -> T {
        let found = try parse(bytes, limit: limit)
        let value = try bridge(type, from: bytes, parsed: found)
        // Nearly always: what was parsed strictly, and is written just so again, deviates nowhere.
        if let same = try? foundationBytes(of: value, isSorted: true), same == bytes { return value }
        let written = try tree(of: value)
        if let deviation = found.firstDeviation(from: written) {
            throw CanonicalJSONError(
                reason: deviation.reason, path: deviation.path.description,
                offset: CanonicalJSONWriter.offset(of: deviation.path, in: found))
        }
        guard try encode(written) == bytes else {
            throw CanonicalJSONError(reason: "is not what would be written for the value it holds", offset: 0)
        }
        return value
    }

    /// Reads any value from canonical bytes.
    ///
    /// - Parameters:
    ///   - bytes: One document, without a line feed at the end.
    ///   - limit: The most bytes that are looked at.
    /// - Throws: `CanonicalJSONError` for the first byte that is not canonical.
    package static func parse(_ bytes: [UInt8], limit: Int = defaultLimit) throws -> JSONValue {
        guard bytes.count <= limit else {
            throw CanonicalJSONError(reason: "is \(bytes.count) bytes, more than the \(limit) allowed", offset: limit)
        }
        return try CanonicalJSONParser.parse(bytes, keys: .sorted)
    }

    /// Foundation's coders serve only as the bridge to `Codable`; every byte they make or take passes our own parser.
    private static func tree<T: Encodable>(of value: T) throws -> JSONValue {
        if let value = value as? JSONValue { return value }
        let bytes: [UInt8]
        do {
            bytes = try foundationBytes(of: value, isSorted: false)
        } catch let EncodingError.invalidValue(_, context) {
            let path = JSONPath(following: context.codingPath, in: nil)
            throw CanonicalJSONError(reason: context.debugDescription, path: path.description)
        }
        do {
            return try CanonicalJSONParser.parse(bytes, keys: .inAnyOrder)
        } catch let error as CanonicalJSONError {
            throw CanonicalJSONError(reason: error.reason, path: error.path)
        }
    }

    /// - Parameter isSorted: Whether keys are in the order that Foundation has for them, which is not always ours.
    private static func foundationBytes<T: Encodable>(of value: T, isSorted: Bool) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = isSorted ? [.withoutEscapingSlashes, .sortedKeys] : .withoutEscapingSlashes
        return [UInt8](try encoder.encode(value))
    }

    private static func bridge<T: Decodable>(_ type: T.Type, from bytes: [UInt8], parsed: JSONValue) throws -> T {
        if let value = parsed as? T { return value }
        func refusal(_ reason: String, _ codingPath: [any CodingKey]) -> CanonicalJSONError {
            let path = JSONPath(following: codingPath, in: parsed)
            return CanonicalJSONError(
                reason: reason, path: path.description, offset: CanonicalJSONWriter.offset(of: path, in: parsed))
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let DecodingError.keyNotFound(key, context) {
            throw refusal("the key \"\(key.stringValue)\" is missing", context.codingPath)
        } catch let DecodingError.typeMismatch(type, context) {
            throw refusal("it is not \(words(for: type))", context.codingPath)
        } catch let DecodingError.valueNotFound(_, context) {
            throw refusal("a value is missing", context.codingPath)
        } catch let DecodingError.dataCorrupted(context) {
            let value = JSONPath(following: context.codingPath, in: parsed).value(in: parsed)
            throw refusal(words(for: context.debugDescription, of: value), context.codingPath)
        } catch {
            throw refusal("it cannot be read", [])
        }
    }

    /// What Foundation wants, in our words.
    private static func words(for type: Any.Type) -> String {
        switch type {
        case is String.Type: "text"
        case is Bool.Type: "true or false"
        case is any BinaryInteger.Type: "a whole number"
        case is [Any].Type: "a list"
        default: "an object"
        }
    }

    /// What a type of ours says of a value that it does not take is in our words; what Swift and Foundation say is not.
    private static func words(for said: String, of value: JSONValue?) -> String {
        switch value {
        case .string(let text) where said.hasPrefix("Cannot initialize "):
            "\"\(text.prefix(64))\" is none of the words that can stand here"
        case .integer: "the number cannot stand here"
        default: said
        }
    }
}

extension JSONPath {
    /// What stands there; nil where there is no such place.
    fileprivate func value(in document: JSONValue) -> JSONValue? {
        steps.reduce(document) { value, step in
            switch (value, step) {
            case (.object(let members), .key(let key)): members[key]
            case (.array(let elements), .index(let index)): elements.indices.contains(index) ? elements[index] : nil
            default: nil
            }
        }
    }

    /// The place a coder names. Its keys do not tell an index from a key made of digits; the document does.
    init(following codingPath: [any CodingKey], in document: JSONValue?) {
        var value = document
        for key in codingPath {
            switch value {
            case .object(let members):
                steps.append(.key(key.stringValue))
                value = members[key.stringValue]
            case .array(let elements):
                let index = key.intValue ?? 0
                steps.append(.index(index))
                value = elements.indices.contains(index) ? elements[index] : nil
            default:
                steps.append(key.intValue.map(JSONPath.Step.index) ?? .key(key.stringValue))
                value = nil
            }
        }
    }
}
