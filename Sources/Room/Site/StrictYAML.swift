import Ceremony
import Evidence
import Yams

/// One mapping of a YAML file, read strictly: every key must be asked for, and have the type that was asked.
struct StrictYAML {
    private let file: String
    private let path: String
    private let mapping: Node.Mapping
    private let mark: Mark?
    /// Where the file's values stand.
    private(set) var place = InputPlace()

    /// Reads a whole file that must be one mapping.
    ///
    /// - Parameters:
    ///   - text: The YAML.
    ///   - file: Its name, for errors.
    ///   - keys: Every key that may stand at the top.
    init(parsing text: String, file: String, keys: [String]) throws {
        try Self.refuseAnchors(in: text, file: file)
        let root: Node?
        do { root = try Parser(yaml: text).singleRoot() } catch let error as YamlError {
            throw Self.unreadable(file, error)
        }
        guard let root else {
            throw CeremonyError(.invalidInput, "\(file) is empty", remedy: "Start from an example in ceremony/")
        }
        try self.init(root, file: file, path: "", keys: keys)
        var marks: [String: String] = [:]
        Self.mark(root, at: "", in: &marks)
        place = InputPlace(file: file, marks: marks)
    }

    private static func mark(_ node: Node, at path: String, in marks: inout [String: String]) {
        marks[path] = node.mark.map { "\($0.line):\($0.column)" }
        switch node {
        case .mapping(let mapping):
            for (key, value) in mapping { mark(value, at: join(path, key.string ?? "?"), in: &marks) }
        case .sequence(let sequence):
            for (index, item) in sequence.enumerated() { mark(item, at: "\(path)[\(index)]", in: &marks) }
        case .scalar, .alias: break
        }
    }

    /// Where a value stands, there it is written: what is to be signed by people has no second place that changes it.
    private static func refuseAnchors(in text: String, file: String) throws {
        guard let anchor = YAMLAnchor.first(in: text) else { return }
        throw CeremonyError(
            .invalidInput,
            "\(file):\(anchor.mark): the anchor &\(anchor.name) and its aliases are refused",
            remedy: "Write the value out wherever it belongs")
    }

    private static func unreadable(_ file: String, _ error: YamlError) -> CeremonyError {
        let (mark, problem): (Mark?, String) =
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                (mark, "this is not valid YAML: \(problem)")
            case .duplicatedKeysInMapping(let keys, let context):
                (
                    context.mark,
                    "\(keys.sorted().joined(separator: ", ")) stands here and again in the same mapping"
                )
            case .reader(let problem, _, _, _): (nil, "it is not valid YAML: \(problem)")
            default: (nil, "it is not valid YAML: \(error)")
            }
        return CeremonyError(.invalidInput, "\(place(file, mark)): \(problem)", remedy: "Correct it")
    }

    private static func place(_ file: String, _ mark: Mark?) -> String {
        mark.map { "\(file):\($0.line):\($0.column)" } ?? file
    }

    private init(_ node: Node, file: String, path: String, keys: [String]?) throws {
        self.file = file
        self.path = path
        mark = node.mark
        guard let mapping = node.mapping else {
            throw Self.error(file, node.mark, path, "must be a mapping", "Write keys and values below it")
        }
        self.mapping = mapping
        guard let keys else { return }
        for (key, _) in mapping {
            guard let name = key.string, keys.contains(name) else {
                throw Self.error(
                    file, key.mark, Self.join(path, key.string ?? "?"), "is not known here",
                    "Known are \(keys.joined(separator: ", "))")
            }
        }
    }

    /// A text value.
    func string(_ key: String) throws -> String {
        let node = try require(key)
        guard case .scalar(let scalar) = node, node.tag == Tag(.str) else {
            throw error(node, key, "must be text", "Put it in quotes if it looks like something else")
        }
        return scalar.string
    }

    func optionalString(_ key: String) throws -> String? {
        mapping[key] == nil ? nil : try string(key)
    }

    /// Whether there is a value.
    func has(_ key: String) -> Bool { mapping[key] != nil }

    /// Whether the value is one, and neither a list nor a mapping.
    func isScalar(_ key: String) -> Bool { mapping[key]?.scalar != nil }

    /// A list of texts.
    func strings(_ key: String) throws -> [String] {
        let node = try require(key)
        guard let sequence = node.sequence else { throw error(node, key, "must be a list") }
        return try sequence.enumerated().map { index, item in
            guard case .scalar(let scalar) = item, item.tag == Tag(.str) else {
                throw error(item, "\(key)[\(index)]", "must be text", "Put it in quotes")
            }
            return scalar.string
        }
    }

    /// A list of pairs of texts, each written as a list of two; none where there is none.
    func optionalPairs(_ key: String) throws -> [(String, String)] {
        guard let node = mapping[key] else { return [] }
        guard let sequence = node.sequence else { throw error(node, key, "must be a list of pairs") }
        return try sequence.enumerated().map { index, item in
            let texts = item.sequence?.compactMap { $0.tag == Tag(.str) ? $0.scalar?.string : nil } ?? []
            guard item.sequence?.count == 2, texts.count == 2 else {
                throw error(item, "\(key)[\(index)]", "must be a pair", "Write it as [one, other]")
            }
            return (texts[0], texts[1])
        }
    }

    /// A whole number.
    func integer(_ key: String) throws -> Int {
        let node = try require(key)
        guard node.tag == Tag(.int), let value = node.int else { throw error(node, key, "must be a whole number") }
        return value
    }

    /// `true` or `false`.
    func bool(_ key: String) throws -> Bool {
        let node = try require(key)
        guard node.tag == Tag(.bool), let value = node.bool else { throw error(node, key, "must be true or false") }
        return value
    }

    /// A moment, in quotes or not.
    func timestamp(_ key: String) throws -> Timestamp {
        let node = try require(key)
        guard case .scalar(let scalar) = node, let time = Timestamp(scalar.string) else {
            throw error(node, key, "must be a time", "Write it as 2026-11-23T18:33:00Z, in UTC")
        }
        return time
    }

    /// A mapping with these keys; nil for any, to be listed with `names`.
    func table(_ key: String, keys: [String]?) throws -> StrictYAML {
        try StrictYAML(try require(key), file: file, path: Self.join(path, key), keys: keys)
    }

    func optionalTable(_ key: String, keys: [String]?) throws -> StrictYAML? {
        mapping[key] == nil ? nil : try table(key, keys: keys)
    }

    func optionalInteger(_ key: String) throws -> Int? {
        mapping[key] == nil ? nil : try integer(key)
    }

    func optionalBool(_ key: String) throws -> Bool? {
        mapping[key] == nil ? nil : try bool(key)
    }

    /// A mapping of texts to texts.
    func optionalTexts(_ key: String) throws -> [String: String]? {
        guard mapping[key] != nil else { return nil }
        let table = try table(key, keys: nil)
        return try Dictionary(table.names.map { ($0, try table.string($0)) }) { first, _ in first }
    }

    /// A list of mappings with these keys.
    func tables(_ key: String, keys: [String]) throws -> [StrictYAML] {
        let node = try require(key)
        guard let sequence = node.sequence else { throw error(node, key, "must be a list") }
        return try sequence.enumerated().map { index, item in
            try StrictYAML(item, file: file, path: "\(Self.join(path, key))[\(index)]", keys: keys)
        }
    }

    /// The keys that stand in it.
    var names: [String] { mapping.keys.compactMap(\.string) }

    /// An error about one of its values.
    func error(_ key: String, _ problem: String, _ remedy: String) -> CeremonyError {
        Self.error(file, mapping[key]?.mark ?? mark, Self.join(path, key), problem, remedy)
    }

    private func require(_ key: String) throws -> Node {
        guard let node = mapping[key] else {
            throw Self.error(file, mark, Self.join(path, key), "is missing", "Add it")
        }
        return node
    }

    private func error(_ node: Node, _ key: String, _ problem: String, _ remedy: String = "Correct it") -> CeremonyError
    {
        Self.error(file, node.mark, Self.join(path, key), problem, remedy)
    }

    private static func error(
        _ file: String, _ mark: Mark?, _ path: String, _ problem: String, _ remedy: String
    ) -> CeremonyError {
        CeremonyError(
            .invalidInput, "\(place(file, mark)): \(path.isEmpty ? "the file" : path) \(problem)", remedy: remedy)
    }

    private static func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }
}
