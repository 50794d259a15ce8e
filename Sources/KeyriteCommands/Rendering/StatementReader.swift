import CryptoPrimitives
import Evidence
import Room

/// Goes through a statement along its words, and takes every field exactly once.
struct StatementReader {
    private(set) var items: [StatementText.Item] = []

    /// Reads a whole statement, section by section.
    mutating func read(_ members: [String: JSONValue], in sections: [StatementWords.Section]) throws {
        for section in sections {
            items.append(
                .section(section.title, question: section.question, each: section.elementQuestion))
            for field in section.fields { try read(field, of: members, at: "$", depth: 1) }
        }
        try refuseOthers(than: sections.flatMap(\.fields), in: members, at: "$")
    }

    private mutating func read(_ value: JSONValue, as fields: [StatementWords.Field], at path: String, depth: Int)
        throws
    {
        guard case .object(let members) = value else { throw StatementNotShown(path: path, reason: "is no object") }
        for field in fields { try read(field, of: members, at: path, depth: depth) }
        try refuseOthers(than: fields, in: members, at: path)
    }

    /// A field without words, or with two places in them, would be signed unread or read wrongly.
    private func refuseOthers(
        than fields: [StatementWords.Field], in members: [String: JSONValue], at path: String
    ) throws {
        let known = Set(fields.map(\.key))
        if let unknown = members.keys.filter({ !known.contains($0) }).min() {
            throw StatementNotShown(path: "\(path).\(PercentEncoding.encode(unknown))", reason: "is not known here")
        }
        guard known.count == fields.count else {
            throw StatementNotShown(path: path, reason: "has a field that would be shown twice")
        }
    }

    private mutating func read(
        _ field: StatementWords.Field, of members: [String: JSONValue], at path: String, depth: Int
    ) throws {
        let path = "\(path).\(field.key)"
        guard let value = members[field.key] else {
            guard field.isOptional else { throw StatementNotShown(path: path, reason: "is missing") }
            return
        }
        switch (field.form, value) {
        case (.text, .string(let text)): add(field, text, path, depth)
        case (.freeText, .string(let text)): try addFreeText(field, text, path, depth)
        case (.document, .string(let text)): try addDocument(field, text, path, depth)
        case (.number, .integer(let number)): add(field, "\(number)", path, depth)
        case (.flag, .bool(let flag)): add(field, flag ? "yes" : "no", path, depth)
        case (.digest(let isSpoken), .string(let hex)): try addDigest(field, hex, path, depth, isSpoken: isSpoken)
        case (.object(let fields), .object):
            items.append(.heading(field.label, depth: depth))
            try read(value, as: fields, at: path, depth: depth + 1)
        case (.list(let fields), .array(let elements)):
            try addList(field, elements, path, depth) { reader, element, path in
                try reader.read(element, as: fields, at: path, depth: depth + 1)
            }
        case (.pairs(let name, let other), .array(let elements)):
            try addPairs(field, elements, name, other, path, depth)
        case (.key, .string(let line)): try addKey(field, line, path, depth)
        case (.certificate, .string(let base64)): try addCertificate(field, base64, path, depth)
        case (.texts, .array(let elements)): try addTexts(field, elements, path, depth)
        case (.digests, .array(let elements)): try addDigests(field, elements, path, depth)
        default: throw StatementNotShown(path: path, reason: "has not the form it must have")
        }
    }

    private mutating func add(_ field: StatementWords.Field, _ value: String, _ path: String, _ depth: Int) {
        items.append(.field(label: field.label, value: value, paths: [path], depth: depth))
    }

    /// What people wrote is decoded for people; characters that could deceive them are refused.
    private mutating func addFreeText(
        _ field: StatementWords.Field, _ encoded: String, _ path: String, _ depth: Int
    ) throws {
        guard let text = try? PercentEncoding.decode(encoded) else {
            throw StatementNotShown(path: path, reason: "is not percent-encoded in its one form")
        }
        if let offence = ShownText.offence(in: text) {
            throw StatementNotShown(path: path, reason: "holds \(offence), which hides or reorders text")
        }
        add(field, text, path, depth)
        if text != encoded { items.append(.asWritten(encoded, depth: depth)) }
    }

    /// The same for a text of several lines, such as a policy: each stands on a line of its own.
    private mutating func addDocument(
        _ field: StatementWords.Field, _ encoded: String, _ path: String, _ depth: Int
    ) throws {
        guard let text = try? PercentEncoding.decode(encoded) else {
            throw StatementNotShown(path: path, reason: "is not percent-encoded in its one form")
        }
        // KMS takes tabs and carriage returns in a policy, too: they lay it out, and are shown as written besides.
        let layout = text.contains { ["\t", "\r", "\r\n"].contains($0) }
        let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n").replacing("\t", with: "    ")
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if let offence = lines.lazy.compactMap(ShownText.offence).first {
            throw StatementNotShown(path: path, reason: "holds \(offence), which hides or reorders text")
        }
        items.append(.document(label: field.label, lines: lines, path: path, depth: depth))
        if layout { items.append(.asWritten(encoded, depth: depth)) }
    }

    private mutating func addTexts(
        _ field: StatementWords.Field, _ elements: [JSONValue], _ path: String, _ depth: Int
    ) throws {
        if elements.isEmpty { return add(field, "none", path, depth) }
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element else {
                throw StatementNotShown(path: "\(path)[\(index)]", reason: "is no text")
            }
            try addFreeText(field, text, "\(path)[\(index)]", depth)
        }
    }

    private mutating func addDigest(
        _ field: StatementWords.Field, _ hex: String, _ path: String, _ depth: Int, isSpoken: Bool
    ) throws {
        guard let digest = SHA256Digest(hex: hex) else {
            throw StatementNotShown(path: path, reason: "is no SHA-256")
        }
        add(field, hex, path, depth)
        if isSpoken { items.append(.words(PGPWords.spell(digest.bytes).joined(separator: " "), depth: depth)) }
    }

    private mutating func addKey(
        _ field: StatementWords.Field, _ line: String, _ path: String, _ depth: Int
    ) throws {
        guard let key = try? SSHPublicKey(line: line) else {
            throw StatementNotShown(path: path, reason: "is no public key")
        }
        add(field, key.fingerprint, path, depth)
        items.append(.asWritten(line, depth: depth))
    }

    private mutating func addCertificate(
        _ field: StatementWords.Field, _ base64: String, _ path: String, _ depth: Int
    ) throws {
        guard let der = Base64.decode(base64), !der.isEmpty else {
            throw StatementNotShown(path: path, reason: "is no certificate")
        }
        try addDigest(field, SHA256Digest(of: der).hex, path, depth, isSpoken: true)
        items.append(.asWritten(base64, depth: depth))
    }

    private mutating func addDigests(
        _ field: StatementWords.Field, _ elements: [JSONValue], _ path: String, _ depth: Int
    ) throws {
        try addList(field, elements, path, depth) { reader, element, path in
            guard case .string(let hex) = element else {
                throw StatementNotShown(path: path, reason: "is no SHA-256")
            }
            try reader.addDigest(
                .init("", "SHA-256", .digest(isSpoken: false)), hex, path, depth + 1, isSpoken: false)
        }
    }

    private mutating func addList(
        _ field: StatementWords.Field, _ elements: [JSONValue], _ path: String, _ depth: Int,
        _ read: (inout StatementReader, JSONValue, String) throws -> Void
    ) throws {
        if elements.isEmpty { return add(field, "none", path, depth) }
        for (index, element) in elements.enumerated() {
            items.append(.element(field.label, number: index + 1, count: elements.count, depth: depth))
            try read(&self, element, "\(path)[\(index)]")
        }
    }

    private mutating func addPairs(
        _ field: StatementWords.Field, _ elements: [JSONValue], _ name: String, _ other: String, _ path: String,
        _ depth: Int
    ) throws {
        if elements.isEmpty { return add(field, "none", path, depth) }
        items.append(.heading(field.label, depth: depth))
        for (index, element) in elements.enumerated() {
            let path = "\(path)[\(index)]"
            guard case .object(let members) = element, members.count == 2, case .string(let left)? = members[name],
                case .string(let right)? = members[other]
            else { throw StatementNotShown(path: path, reason: "is not a \(name) with its \(other)") }
            items.append(
                .field(
                    label: left, value: right, paths: ["\(path).\(name)", "\(path).\(other)"], depth: depth + 1))
        }
    }
}
