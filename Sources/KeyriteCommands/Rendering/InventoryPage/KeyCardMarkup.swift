import Estate
import Evidence

/// A card in HTML: aliases, lines, the key, lines, uses.
struct KeyCardMarkup {
    private let card: KeyCard

    /// So many uses are drawn; the others stand below, to be opened.
    static let drawn = 12

    init(_ card: KeyCard) { self.card = card }

    var markup: Markup {
        let aliases = card.aliases.map { alias -> Markup in "<li title=\"\(alias)\">\(alias)</li>" }
        let uses = card.uses.map(use)
        let drawn = min(aliases.count, Self.drawn)
        return """
            <article class="\(kind)" data-account="\(place.account)" data-region="\(place.region)"\
            \(card.remarks.isEmpty ? "" : " data-look")>
            <div class="map">
            <ul class="aliases">\(Array(aliases.prefix(drawn)))</ul>
            \(Self.lines(Array(repeating: "alias", count: drawn), from: .left))
            <div class="subject">\(subject)</div>
            \(Self.lines(card.uses.prefix(Self.drawn).map(\.how.rawValue), from: .right))
            <ul class="uses">\(Array(uses.prefix(Self.drawn)))</ul>
            </div>
            \(Self.others(Array(aliases.dropFirst(drawn)), of: "aliases", "more aliases"))\
            \(Self.others(Array(uses.dropFirst(Self.drawn)), of: "uses", "more"))
            </article>

            """
    }

    private static func others(_ rows: [Markup], of list: String, _ words: String) -> Markup {
        guard !rows.isEmpty else { return .empty }
        return """
            <details class="\(list)"><summary>\(rows.count) \(words)</summary><ul class="\(list)">\(rows)</ul></details>
            """
    }

    private var kind: String {
        if case .name = card.subject { "astray" } else { card.isAWSManaged ? "aws" : "own" }
    }

    var place: (account: String, region: String) {
        switch card.subject {
        case .key(let key): (key.account, key.region)
        case .name(_, _, let account, let region): (account, region)
        }
    }

    // MARK: What it is about

    private var subject: Markup {
        let remarks = card.remarks.map { remark -> Markup in "<li class=\"remark\">\(remark)</li>" }
        let sum: Markup = card.uses.isEmpty ? .empty : "<p class=\"sum\">\(KeyUse.sum(card.uses))</p>"
        switch card.subject {
        case .name(let name, _, let account, let region):
            let facts = [region] + (account.isEmpty ? [] : ["in account \(account)"])
            return """
                <h2 title="\(name)">\(name)</h2>\
                <ul class="facts">\(remarks)\(facts.map { "<li>\($0)</li>" as Markup })</ul>\(sum)
                """
        case .key(let key):
            let materials = key.materials.map { "\($0.count) \($0.count == 1 ? "material" : "materials")" }
            let rotations = key.rotationsUsed.map { "\($0) of \(InventoryKey.rotationBudget) rotations used" }
            let facts = [
                key.region, key.account, key.manager?.text == "AWS" ? "managed by AWS" : key.origin?.text,
                key.spec?.text, key.multiRegion.map { "multi-Region \($0.text.lowercased())" }, materials, rotations,
                key.lastUsed.map { "last used \($0)" },
            ].compactMap(\.self)
            return """
                <h2 title="\(key.arn.text)">\(key.id.text)</h2>\
                <ul class="facts">\(remarks)\(facts.map { "<li>\($0)</li>" as Markup })</ul>\
                \(key.description.map { $0.text.isEmpty ? .empty : "<p class=\"description\">\($0.text)</p>" } ?? .empty)\
                \(sum)\(limits)
                """
        }
    }

    /// What no use of a key says: that there is none, or that there may be more.
    private var limits: Markup {
        switch (card.uses.isEmpty, card.usesAreWhole) {
        case (true, true): "<p class=\"unused\">Nothing was found that uses it.</p>"
        case (true, false): "<p class=\"unused\">What uses it is not known: not everything was read that may.</p>"
        case (false, false): "<p class=\"unused\">More may use it: not everything was read.</p>"
        case (false, true): .empty
        }
    }

    // MARK: What uses it

    /// Whether its uses are in several Regions, or in another one than it is said to be in.
    private var isOfRegions: Bool { Set(card.uses.map(\.region) + [place.region]).count > 1 }

    private func use(_ use: KeyUse) -> Markup {
        var from: Markup = .empty
        if case .key(let key) = card.subject, key.account != use.account {
            from = "<span class=\"account\">of account \(use.account),</span> "
        }
        // Under AWS's own keys, and under names, uses of several Regions stand.
        let region: Markup = isOfRegions ? "<span class=\"region\">in \(use.region),</span> " : .empty
        return """
            <li class="\(use.how.rawValue)" data-account="\(use.account)" data-service="\(use.service)" \
            data-region="\(use.region)" title="\(use.title)">\
            <span class="service">\(use.service)</span> <span class="name">\(use.name)</span> \
            <span class="how">\(use.words),</span> \(from)\(region)<span class="setting">\(use.detail)</span></li>
            """
    }

    // MARK: Lines

    private enum Side: String {
        /// From rows on the left to the key.
        case left
        /// From the key to rows on the right.
        case right
    }

    /// As high as a row, in CSS pixels; the style says the same.
    private static let row = 28
    private static let width = 72

    /// A line for each row, as the script draws them again for the rows that are left by the filter.
    private static func lines(_ kinds: [String], from side: Side) -> Markup {
        let height = kinds.count * row
        let paths = kinds.enumerated().map { index, kind -> Markup in
            let y = index * row + row / 2
            let (start, end) = side == .left ? (y, height / 2) : (height / 2, y)
            return """
                <path class="\(kind)" d="M0 \(start)C\(width / 2) \(start) \(width / 2) \(end) \(width) \(end)"/>
                """
        }
        return """
            <svg class="\(side.rawValue)" width="\(width)" height="\(height)" aria-hidden="true">\(paths)</svg>
            """
    }
}
