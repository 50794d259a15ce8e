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
            + report.unreadOfUses.map { gap in
                Self.gap(gap, gap.resource.map { " of \(Self.shown($0))" } ?? "")
            }
    }

    /// The same of many keys is said once.
    var unreadOfKeys: [Paragraph] {
        struct Kind: Hashable {
            let account, region, operation: String
            let reason: InventoryGap.Reason
            let code: OutsideText?
        }
        var found: [(kind: Kind, gaps: [InventoryGap])] = []
        for gap in report.unreadOfKeys {
            let kind = Kind(
                account: gap.account, region: gap.region, operation: gap.operation, reason: gap.reason, code: gap.code)
            if found.last?.kind == kind { found[found.count - 1].gaps.append(gap) } else { found.append((kind, [gap])) }
        }
        return [Paragraph("NOT READ of keys themselves, which hides nothing that uses them:")]
            + found.map { _, gaps in
                let keys = gaps.compactMap(\.resource).map(Self.shown)
                return Self.gap(
                    gaps[0], keys.count > 3 ? " of \(keys.count) keys" : " of \(keys.joined(separator: ", "))")
            }
    }

    static func gap(_ gap: InventoryGap, _ subject: String) -> Paragraph {
        let about = gap.code ?? gap.message
        let code = about.map { " (\(shown($0)))" } ?? ""
        return Paragraph(
            "\(gap.service) \(gap.account) \(gap.region) \(gap.operation)\(subject): \(gap.reason.rawValue)\(code)",
            lead: "  - ")
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
