import AWS
package import Estate
import Evidence
import Room

/// What a change of keys would do, in words. All that comes from outside is made fit for a screen here.
package struct ImpactWords {
    let report: ImpactReport
    /// Each source once, in the order in which it is met.
    let sources: [RuleSource]

    package init(_ report: ImpactReport) {
        self.report = report
        var sources: [RuleSource] = []
        for key in report.keys {
            let obstacles = report.strategies.flatMap { key.sides[$0]?.obstacles ?? [] }.compactMap(\.source)
            let effects = key.groups.flatMap { group in
                report.strategies.flatMap { group.effects[$0]?.sources ?? [] }
            }
            let callers =
                key.callers.isEmpty ? [] : report.strategies.flatMap { CallerRule.effect(of: $0).sources }
            let cited =
                Self.isInFull(report)
                ? obstacles + key.traps.flatMap(\.sources) + effects + callers : key.traps.flatMap(\.sources)
            for source in cited where !sources.contains(source) {
                sources.append(source)
            }
        }
        self.sources = sources
    }

    /// - Parameter width: In columns. Addresses of pages, ARNs and names alone may be longer.
    package func text(width: Int) -> String {
        let keys = ordered
        var parts = keys.count > 1 ? [overview(keys, width)] : []
        parts += Self.isInFull(report) ? keys.map { keyText($0, width) } : [traps(width)]
        if report.keys.isEmpty {
            let words =
                report.hiddenKeys.isEmpty
                ? "The snapshot has no key that is not AWS's, and nothing that names one."
                : "Which keys there are is not known: what would tell was not read, as stands below."
            parts.append(Self.wrapped([Paragraph(words)], width))
        } else if !report.hiddenKeys.isEmpty {
            let hidden =
                "There may be more keys, of which nothing is said here: what would tell was not read, as stands below."
            parts.append(Self.wrapped([Paragraph(hidden)], width))
        }
        if !report.unresolved.isEmpty { parts.append(Self.wrapped(unresolved, width)) }
        if !report.unreadOfUses.isEmpty { parts.append(Self.wrapped(unread, width)) }
        if !report.unreadOfKeys.isEmpty { parts.append(Self.wrapped(unreadOfKeys, width)) }
        if !sources.isEmpty { parts.append(sourceText) }
        return (parts + [Self.wrapped(ending, width)]).joined(separator: "\n\n")
    }

    static func wrapped(_ paragraphs: [Paragraph], _ width: Int) -> String {
        paragraphs.flatMap { $0.lines(width: width, keepsWords: true) }.map(\.text).joined(separator: "\n")
    }

    /// A line a key, by its first alias.
    func overview(_ keys: [KeyImpact], _ width: Int) -> String {
        let rows = keys.map { key in
            let side = key.sides[report.strategies.last ?? .replace]
            let choice = key.recommendation?.choice.rawValue ?? side.map { Self.verdict($0.verdict) } ?? "-"
            let count = key.groups.reduce(key.callers.count) { $0 + $1.resources.count }
            let place = [key.key?.account, key.region].compactMap(\.self).joined(separator: " ")
            let name = (key.aliases ?? []).first.map { "\(Self.shown($0)) in \(place)" } ?? Self.shown(key.arn)
            return Self.columns(
                [
                    choice, "\(count)" + (key.readsAllUses ? "" : " or more"),
                    side.map { $0.verdict == .never ? "-" : $0.grade.rawValue } ?? "-",
                ]) + name
        }
        let (isChoice, changed) = (
            report.strategies.count > 1, report.strategies.last == .rotate ? "ROTATING" : "REPLACING"
        )
        let headings = [
            Self.columns(["", "", "RISK OF"]),
            Self.columns([isChoice ? "BETTER" : "POSSIBLE", "USES", changed]) + "KEY",
        ]
        let lead = Self.columns(["", "", ""]).count
        return (headings + rows).flatMap { line in
            Paragraph(String(line.dropFirst(lead)), lead: String(line.prefix(lead)))
                .lines(width: width, keepsWords: true).map { Wrap.trimmed($0.text) }
        }.joined(separator: "\n")
    }

    static func columns(_ cells: [String]) -> String { cells.map { padded($0, 12) }.joined() }

    /// So many keys can be read through; of more, the overview and their traps by name are what a person needs.
    static let mostInFull = 25

    static func isInFull(_ report: ImpactReport) -> Bool {
        !report.isOfEveryKey || report.keys.count <= mostInFull
    }

    /// By alias, account and Region; keys without an alias last.
    var ordered: [KeyImpact] {
        func order(_ key: KeyImpact) -> [String] {
            let name = key.aliases?.first?.text
            return [name == nil ? "1" : "0", name ?? "", key.key?.account ?? "", key.region ?? "", key.arn.text]
        }
        return report.keys.map { (order($0), $0) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
    }

    /// Of more keys than anybody reads: each trap once, with how many keys have it.
    func traps(_ width: Int) -> String {
        let all = Dictionary(grouping: report.keys.flatMap(\.traps), by: \.name)
        let lines = all.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map { name, traps in
            let words = Set(traps.map(\.words))
            let example = words.count == 1 ? Self.shown(traps[0].words) : "of the first: \(Self.shown(traps[0].words))"
            let keys = "\(traps.count) \(traps.count == 1 ? "key" : "keys")"
            return Paragraph("\(name) (\(keys)): \(example)\(cited(traps[0].sources))", lead: "  - ")
        }
        return Self.wrapped(
            [Paragraph("TRAPS")] + lines + [
                .blank,
                Paragraph(
                    "These are \(report.keys.count) keys. For what happens to each resource, name a key (--key), or take all as "
                        + "data (--format json)."),
            ], width)
    }

    static func padded(_ text: String, _ columns: Int) -> String {
        text + Wrap.blank(max(1, columns - text.count))
    }

    func cited(_ cited: [RuleSource]) -> String {
        let numbers = cited.compactMap { sources.firstIndex(of: $0) }.map { "[\($0 + 1)]" }
        return numbers.isEmpty ? "" : " " + numbers.joined()
    }

    static func shown(_ text: OutsideText) -> String { shown(text.text) }
    static func shown(_ text: String) -> String { Printable.text(text, limit: 2_048) }
}
