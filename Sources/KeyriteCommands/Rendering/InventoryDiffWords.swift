import AWS
package import Estate
import Evidence

/// What changed between two snapshots, in words and as data. All that comes from outside is made fit for a screen here.
package struct InventoryDiffWords {
    private let diff: InventoryDiff

    package init(_ diff: InventoryDiff) { self.diff = diff }

    // MARK: Text

    /// - Parameter width: In columns. ARNs and names alone may be longer.
    package func text(width: Int) -> String {
        paragraphs.flatMap { $0.lines(width: width, keepsWords: true) }.map(\.text).joined(separator: "\n")
    }

    private var paragraphs: [Paragraph] {
        let changes = diff.changes.flatMap { change in
            [Paragraph(Self.title(change), lead: Self.sign(change) + " ")]
                + change.uses.map { Paragraph(Self.words($0), lead: "    ") }
                + change.members.sorted { $0.key < $1.key }.map { name, sides in
                    Paragraph("\(name): \(Self.shown(sides.old)) -> \(Self.shown(sides.new))", lead: "    ")
                }
        }
        return changes + (changes.isEmpty ? [] : [.blank]) + ending.map { Paragraph($0) }
    }

    /// What limits the comparison, and how many changes there are.
    private var ending: [String] {
        var lines: [String] = []
        if !diff.leftOut.isEmpty {
            lines.append("Only one of the two looked at \(diff.leftOut.joined(separator: ", ")).")
        }
        if !diff.comparesCallers {
            lines.append("Only one of the two looked for callers of KMS, who are not compared.")
        }
        if diff.untold > 0 {
            lines.append("Of \(diff.untold) more nobody can tell: one of the two could not read where they are.")
        }
        lines.append(
            diff.changes.isEmpty
                ? "Nothing changed." : "\(diff.changes.count) \(diff.changes.count == 1 ? "change" : "changes").")
        return lines
    }

    private static func sign(_ change: InventoryDiff.Change) -> String {
        switch change.what {
        case .added: "+"
        case .removed: "-"
        case .changed: "~"
        }
    }

    private static func title(_ change: InventoryDiff.Change) -> String {
        let setting = change.setting.map { " \(Printable.text($0, limit: 2_048))" } ?? ""
        return "\(change.kind) \(change.region) \(Printable.text(change.subject.text, limit: 2_048))\(setting)"
    }

    private static func words(_ use: InventoryDiff.Use) -> String {
        func shown(_ text: OutsideText) -> String { Printable.text(text.text, limit: 2_048) }
        guard let names = use.names else { return "the service's own key" }
        let target = use.key.flatMap { $0 == names ? nil : " -> \(shown($0))" } ?? ""
        return "\(shown(names))\(target), \(use.followsAlias ? "follows the alias" : "pinned to the key")"
    }

    /// As it stands in a snapshot, which is ASCII.
    private static func shown(_ value: JSONValue?) -> String {
        switch value {
        case nil: "-"
        case .string(let text): Printable.text(text, limit: 300)
        case let value?:
            Printable.text(
                (try? CanonicalJSON.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "?", limit: 300)
        }
    }

    // MARK: JSON

    struct Data: Encodable {
        struct Change: Encodable {
            let what: String
            let kind: String
            let region: String
            let subject: OutsideText
            let setting: String?
            let uses: [InventoryDiff.Use]?
            let members: [String: Sides]
        }
        struct Sides: Encodable {
            let old: JSONValue?
            let new: JSONValue?
        }
        let schema = "keyrite.inventory-diff/1"
        let changes: [Change]
        let leftOut: [String]
        let comparesCallers: Bool
        let untold: Int
    }

    var json: Data {
        Data(
            changes: diff.changes.map { change in
                .init(
                    what: change.what.rawValue, kind: change.kind, region: change.region, subject: change.subject,
                    setting: change.setting, uses: change.uses.isEmpty ? nil : change.uses,
                    members: change.members.mapValues { .init(old: $0.old, new: $0.new) })
            }, leftOut: diff.leftOut, comparesCallers: diff.comparesCallers, untold: diff.untold)
    }
}
