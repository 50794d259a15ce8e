import AWS
import Estate
import Evidence
import Room

/// What is said of what was not read, by which what stands above is limited, and of where rules come from.
extension ImpactWords {
    var unresolved: [Paragraph] {
        unresolved(report.perhapsThese, "it may be one of the above")
            + unresolved(report.noneOfThese, "it is none of the above: those are of other accounts or Regions")
    }

    func unresolved(_ references: [KeyReference], _ words: String) -> [Paragraph] {
        guard !references.isEmpty else { return [] }
        return [Paragraph("WHICH KEY these name is not known; \(words):")]
            + references.map { reference in
                let names = reference.names.map(Self.shown) ?? "-"
                let why =
                    switch reference.standing {
                    case .noAlias: "there is no such alias"
                    case .noTarget: "the alias leads to no key"
                    case .otherAccount: "of another account"
                    case .known, .missing, .notRead: "not among what was read"
                    }
                return Paragraph("\(Self.shown(reference.resource)), by \(names): \(why)", lead: "  - ")
            }
    }

    var unread: [Paragraph] {
        [
            Paragraph(
                report.isOfEveryKey
                    ? "NOT READ, so that more may use these keys, and there may be others:"
                    : "NOT READ in the Regions of these keys, of whole accounts, or where a name may lead to another key; more "
                        + "may use them:")
        ]
            + AlikeGaps.all(of: report.unreadOfUses).flatMap(Self.gaps)
    }

    var unreadOfKeys: [Paragraph] {
        [Paragraph("NOT READ of keys themselves, which hides nothing that uses them:")]
            + AlikeGaps.all(of: report.unreadOfKeys).flatMap(Self.gaps)
    }

    /// What is alike stands once, with how many and which the first are; names below, each whole in a line of its own.
    private static func gaps(_ alike: AlikeGaps) -> [Paragraph] {
        let shown = alike.isFolded ? [alike] : alike.gaps.map { AlikeGaps(gaps: [$0]) }
        return shown.flatMap { alike in
            let count = alike.isFolded ? "; \(alike.gaps.count), among them:" : ""
            let place = alike.place(withAccount: true)
            let line = "\(alike.service) \(place) \(alike.operation): \(alike.why)\(count)"
            let names = alike.isOfLists && !alike.isFolded ? [] : alike.named
            return [Paragraph(line, lead: "  - ")] + names.map { Paragraph($0, lead: "      ") }
        }
    }

    var sourceText: String {
        (["SOURCES"]
            + sources.enumerated().map { index, source in
                "[\(index + 1)] \(source.basis == .documented ? "checked" : "inferred") \(source.checked)\n    "
                    + "\(source.page)"
            }).joined(separator: "\n")
    }

    var ending: [Paragraph] {
        var lines = [
            Paragraph("Not told here: \(report.untold.map(Self.shown).joined(separator: "; ")).")
        ]
        if let prices = report.prices {
            lines.append(
                Paragraph(
                    "Costs by the prices given, in \(prices.currency), of \(prices.region), until "
                        + "\(prices.validUntil)."))
        }
        lines.append(
            Paragraph(
                "\(report.keys.count) \(report.keys.count == 1 ? "key" : "keys"), as read \(report.snapshotAt) in "
                    + (report.accounts.count == 1
                        ? "account \(report.accounts[0])" : "\(report.accounts.count) accounts")
                    + ", \(report.regions.joined(separator: ", "))."))
        if !Self.isInFull(report) {
            lines.append(
                Paragraph(
                    "This is an overview of more keys than anybody reads. One in full, with what happens to each resource and the "
                        + "steps: the same command with --key and its ARN, or with an alias of it."))
        }
        return lines
    }
}
