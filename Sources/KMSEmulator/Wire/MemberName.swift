/// The name of a member in JSON that is read strictly.
struct MemberName: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringLiteral name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer<MemberName> {
    /// - Throws: `DecodingError` naming the members that do not belong here.
    func refuseAll(but allowed: [String]) throws {
        let unknown = allKeys.map(\.stringValue).filter { !allowed.contains($0) }
        guard unknown.isEmpty else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: codingPath,
                    debugDescription: "unknown members: \(unknown.sorted().joined(separator: ", "))"))
        }
    }

    /// - Parameter rule: What is wrong with the member unless `holds`.
    func require(_ name: MemberName, _ holds: Bool, _ rule: String) throws {
        guard holds else {
            throw DecodingError.dataCorruptedError(forKey: name, in: self, debugDescription: rule)
        }
    }
}
