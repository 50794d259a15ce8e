import Foundation
import XMLCoder

/// Reads XML answers: unknown elements are passed over, a wrong type is an error, and so is another document.
enum XMLAnswer {
    /// A document that is not the one that was asked for.
    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameters:
    ///   - root: The name of the outermost element. Without it, whatever has nothing that is known would be an empty list.
    ///   - operation: Named to what reads the query protocol.
    static func decode<T: Decodable>(
        _ type: T.Type, from body: [UInt8], root: String, _ operation: String
    ) throws -> T {
        let text = String(validating: body, as: UTF8.self)
        guard let text else { throw Unexpected(description: "is not UTF-8") }
        // No service declares a document type, by which a parser could be led elsewhere, or has sections of raw text, which
        // XMLCoder drops where there is other text beside them.
        guard !text.contains("<!") else { throw Unexpected(description: "has more in it than elements and text") }
        guard rootName(of: text) == root else { throw Unexpected(description: "is no <\(root)>") }
        // Names are kept whole, with the white space at their ends.
        let decoder = XMLDecoder(trimValueWhitespaces: false, removeWhitespaceElements: true)
        decoder.userInfo = Dictionary(uniqueKeysWithValues: CodingUserInfoKey.operation.map { [($0, operation)] } ?? [])
        return try decoder.decode(type, from: Data(body))
    }

    private static func rootName(of text: String) -> String? {
        var rest = text[...]
        while let start = rest.firstIndex(of: "<") {
            rest = rest[start...].dropFirst()
            guard rest.first == "?" else {
                return String(rest.prefix { !$0.isWhitespace && $0 != ">" && $0 != "/" })
            }
            guard let end = rest.firstIndex(of: ">") else { return nil }
            rest = rest[end...]
        }
        return nil
    }
}

extension CodingUserInfoKey {
    fileprivate static let operation = CodingUserInfoKey(rawValue: "operation")
}

/// An answer of the query protocol: the result stands in an element of its own, beside what the service says of the request.
struct QueryAnswer<Output: Decodable & Sendable>: Decodable {
    let result: Output

    init(from decoder: any Decoder) throws {
        let operation = CodingUserInfoKey.operation.flatMap { decoder.userInfo[$0] } as? String ?? ""
        result = try decoder.container(keyedBy: ElementName.self)
            .decode(Output.self, forKey: ElementName(operation + "Result"))
    }
}

/// The name of an element, where which it is depends on what is asked.
package struct ElementName: CodingKey {
    package let stringValue: String
    package let intValue: Int? = nil

    package init(_ name: String) { stringValue = name }
    package init(stringValue: String) { self.init(stringValue) }
    package init?(intValue: Int) { nil }
}

/// A list of the query protocol: `<member>` for each.
package struct Members<Element: Decodable & Sendable>: Decodable, Sendable {
    package let member: [Element]
}

/// A list of EC2's protocol: `<item>` for each.
package struct Items<Element: Decodable & Sendable>: Decodable, Sendable {
    package let item: [Element]
}

/// A map of the query protocol.
package struct Entries: Decodable, Sendable {
    /// A key and its value.
    package struct Entry: Decodable, Sendable {
        package let key: String
        package let value: String
    }

    package let entry: [Entry]

    package subscript(key: String) -> String? { entry.first { $0.key == key }?.value }
}
