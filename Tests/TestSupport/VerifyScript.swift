package import Foundation

/// `scripts/verify.sh`, and what jq is given of it.
package enum VerifyScript {
    package static let url = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../scripts/verify.sh").standardizedFileURL

    /// The rules for jq, all of them.
    package static func rules() throws -> String {
        let script = try String(contentsOf: url, encoding: .utf8)
        guard let start = script.range(of: "<< 'RULES'\n")?.upperBound,
            let end = script[start...].range(of: "\nRULES\n")?.lowerBound
        else { throw CocoaError(.formatting) }
        return String(script[start..<end])
    }

    /// Some parts of them, by what stands after `# --- `.
    package static func rules(_ parts: String...) throws -> String {
        let rules = try rules()
        return try parts.map { part in
            guard let start = rules.range(of: "# --- \(part)\n")?.upperBound else { throw CocoaError(.formatting) }
            return String(rules[start..<(rules[start...].range(of: "\n# --- ")?.lowerBound ?? rules.endIndex)])
        }.joined(separator: "\n")
    }
}
