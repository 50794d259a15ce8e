import Evidence

extension InventorySnapshot {
    /// The most bytes that a snapshot may have: 1 GiB, some hundred thousand resources.
    package static let limit = 1 << 30

    /// Reads back what `lines` writes, and nothing else.
    ///
    /// - Parameter file: What it was read from, for the error.
    /// - Throws: `EstateError` with the line.
    package init(_ bytes: [UInt8], from file: String) throws {
        func refusal(_ line: Int, _ reason: String) -> EstateError { EstateError(file, "line \(line) \(reason)") }
        guard bytes.last == UInt8(ascii: "\n") else {
            throw EstateError(file, "it does not end with a whole line; look whether it was cut, or is no snapshot")
        }
        let lines = bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var keys: Set<InventoryKey> = []
        var aliases: Set<KeyAlias> = []
        var references: Set<KeyReference> = []
        var callers: Set<InventoryCaller> = []
        var unread: Set<InventoryGap> = []
        func value<Value: Codable>(_ line: [UInt8]) throws -> Value {
            try CanonicalJSON.decode(Line<Value>.self, from: line).value
        }
        let header = try Self.header(Array(lines.first ?? []), file)
        if header.isCounted { try Self.requireEnd(lines, file) }
        for (number, line) in lines.enumerated().dropFirst().dropLast(header.isCounted ? 1 : 0) {
            let line = Array(line)
            do {
                switch try Self.kind(of: line) {
                case "key": keys.insert(try value(line))
                case "alias": aliases.insert(try value(line))
                case "reference": references.insert(try value(line))
                case "caller": callers.insert(try value(line))
                case "unread": unread.insert(try value(line))
                default: throw refusal(number + 1, "is of no kind that \(Self.schema) has")
                }
            } catch let error as CanonicalJSONError {
                throw refusal(number + 1, "is none of a snapshot: \(error)")
            }
        }
        self.init(
            header: header, keys: keys, aliases: aliases, references: references, callers: callers, unread: unread)
        if !header.lacks.isEmpty { try Self.requireNone(of: header, in: references, file) }
        guard try self.lines() == bytes else {
            throw EstateError(file, "its lines are not in the order in which Keyrite writes them, or stand twice")
        }
    }

    /// Throws where a reference has what its version has not.
    private static func requireNone(of header: Header, in references: Set<KeyReference>, _ file: String) throws {
        for details in Set(references.map(\.details)) {
            guard case .object(let members) = try CanonicalJSON.parse(try CanonicalJSON.encode(details)) else {
                continue
            }
            if let name = header.lacks.intersection(members.keys).min() {
                throw EstateError(file, "a reference has \"\(name)\", which \(header.schema) has not")
            }
        }
    }

    /// Throws unless the last line counts those before it: all are there.
    private static func requireEnd(_ lines: [ArraySlice<UInt8>], _ file: String) throws {
        let end = try? CanonicalJSON.decode(Line<End>.self, from: Array(lines.last ?? []))
        guard let end, end.kind == End.kind else {
            throw EstateError(
                file, "its last line does not count the others: it was cut, or something was added; read again")
        }
        guard end.value.lines == lines.count - 1 else {
            throw EstateError(
                file, "its last line counts \(end.value.lines) before it, and there are \(lines.count - 1); read again")
        }
    }

    private static func header(_ line: [UInt8], _ file: String) throws -> Header {
        do {
            let header = try CanonicalJSON.decode(Header.self, from: line)
            guard [schema, olderSchema, oldestSchema].contains(header.schema) else {
                throw EstateError(
                    file,
                    "its schema is \(header.schema), and this version reads \(oldestSchema), \(olderSchema) and \(schema)"
                )
            }
            return header
        } catch let error as CanonicalJSONError {
            throw EstateError(file, "it is no snapshot of an inventory: \(error)")
        }
    }

    private static func kind(of line: [UInt8]) throws -> String? {
        guard case .object(let members) = try CanonicalJSON.parse(line), case .string(let kind) = members["kind"] else {
            return nil
        }
        return kind
    }
}
