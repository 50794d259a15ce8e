import AWS
package import Estate
import Evidence

/// An inventory in words. All that comes from outside is made fit for a screen here.
package struct InventoryWords {
    private let outcome: InventoryOutcome
    private var snapshot: InventorySnapshot { outcome.rest }
    /// Whether the account must be said of each thing.
    private let isOfMany: Bool

    package init(_ outcome: InventoryOutcome) {
        self.outcome = outcome
        isOfMany = Set(outcome.rest.header.accounts + outcome.rest.unread.map(\.account)).count > 1
    }

    /// - Parameters:
    ///   - width: In columns. ARNs and names alone may be longer.
    ///   - write: Gets some of it at a time; there may be more references than memory shall hold.
    /// - Throws: What `write` throws; `EstateError` where the references cannot be read back.
    package func write(width: Int, to write: (String) throws -> Void) throws {
        func paragraph(_ text: String) throws { try write(text + "\n\n") }
        if !keys.isEmpty { try paragraph(keyTable.text(width: width)) }
        let astray = snapshot.aliases.filter { $0.standing == .missing }
        if !astray.isEmpty { try paragraph(Self.wrapped(astray.map(Self.sentence), width)) }
        if outcome.referenceCount > 0 { try writeReferences(width, write) }
        if !snapshot.callers.isEmpty { try paragraph(callerTable.text(width: width)) }
        if !snapshot.unread.isEmpty { try paragraph(unreadTable.text(width: width)) }
        try write(Self.wrapped(summary, width))
    }

    /// Those that are the account's own to manage.
    private var keys: [InventoryKey] { snapshot.keys.filter { $0.manager?.text != "AWS" } }

    private var keyTable: Table {
        var table = table("KEY", "STATE", "ORIGIN", "MATERIALS", "ROTATED", "EXPIRES", "LAST USED", "ALIASES")
        for key in keys {
            table.add(
                Self.shown(key.id), place(key.account, key.region), Self.state(of: key), Self.shown(key.origin),
                key.materials.map { String($0.count) } ?? (key.hasRotations ? "not read" : "one"),
                key.rotationsUsed.map { "\($0) of \(InventoryKey.rotationBudget)" }
                    ?? (key.hasRotations ? "not read" : "never"),
                key.expires?.description ?? "never", Self.use(of: key), key.aliases.map(Self.list) ?? "not read")
        }
        return table
    }

    private func writeReferences(_ width: Int, _ write: (String) throws -> Void) throws {
        let headings = headings("RESOURCE", "SETTING", "BY", "KEY")
        var columns = TableColumns(headings)
        try outcome.eachReference { columns.fit(Self.row(of: $0, isOfMany)) }
        var lines = columns.text(of: headings, width: width)
        try outcome.eachReference { reference in
            lines += "\n" + columns.text(of: Self.row(of: reference, isOfMany), width: width)
            guard lines.utf8.count >= Self.piece else { return }
            try write(lines)
            lines = ""
        }
        try write(lines + "\n\n")
    }

    /// Bytes that are written at a time.
    private static let piece = 32 << 10

    private static func row(of reference: KeyReference, _ isOfMany: Bool) -> [String] {
        [
            shown(reference.resource), place(reference.account, reference.region, isOfMany),
            shown(OutsideText(reference.setting)), form(of: reference), target(of: reference),
        ]
    }

    /// The first, and how many more: all of them are in the snapshot.
    private static func list(_ names: [OutsideText]) -> String {
        guard let first = names.first else { return "none" }
        return shown(first) + (names.count > 1 ? " and \(names.count - 1) more" : "")
    }

    private static func form(of reference: KeyReference) -> String {
        switch reference.form {
        case .alias, .aliasARN: reference.followsAlias ? "alias, follows" : "alias, pinned"
        case .keyID, .keyARN: "key, pinned"
        case .serviceDefault: "AWS's default"
        }
    }

    private static func state(of key: InventoryKey) -> String {
        shown(key.state) + (key.deleted.map { ", deleted \($0)" } ?? "")
    }

    private static func target(of reference: KeyReference) -> String {
        whereItLeads(reference) + (reference.deleted == nil ? "" : " (is scheduled for deletion itself)")
    }

    private static func whereItLeads(_ reference: KeyReference) -> String {
        let name = reference.names.map { shown($0) } ?? "the service's own key"
        let key = reference.key.map { shown($0) } ?? name
        return switch reference.standing {
        case .known: [.alias, .aliasARN].contains(reference.form) ? "\(name) -> \(key)" : key
        case .missing where [.alias, .aliasARN].contains(reference.form):
            "\(name) -> \(key): the alias is there, its key is not"
        case .missing: "\(name): there is no such key"
        case .noTarget: "\(name): the alias leads to no key"
        case .noAlias: "\(name): there is no such alias"
        case .otherAccount: "\(name): of another account, which was not read"
        case .notRead: "\(name): not among what was read"
        }
    }

    private static func use(of key: InventoryKey) -> String {
        key.lastUsed?.description ?? key.tracked.map { "not since \($0)" } ?? "not read"
    }

    private var callerTable: Table {
        var table = table("CALLS BY KEY ID", "CALLS", "FIRST", "LAST", "OPERATIONS", "KEY")
        for caller in snapshot.callers {
            table.add(
                Self.shown(caller.caller), place(caller.account, caller.region), String(caller.calls),
                caller.first.description, caller.last.description,
                caller.operations.map(Self.shown).joined(separator: ", "), Self.shown(caller.key))
        }
        return table
    }

    private static func sentence(_ alias: KeyAlias) -> String {
        "\(shown(alias.name)) in \(alias.region) leads to a key that is not there: \(shown(alias.key))"
    }

    /// What is alike stands once, with how many and which the first are.
    private var unreadTable: Table {
        var table = table("NOT READ", "OPERATION", "WHY", "OF")
        for alike in AlikeGaps.all(of: snapshot.unread) {
            guard alike.isFolded else {
                for gap in alike.gaps {
                    table.add(
                        gap.service, place(gap.account, gap.region), gap.operation, alike.why,
                        gap.resource.map { Self.shown($0) } ?? "(the list)")
                }
                continue
            }
            table.add(
                alike.service, alike.place(withAccount: isOfMany), alike.operation, alike.why,
                "\(alike.gaps.count), among them")
            for name in alike.named { table.add("", "", "", "", name) }
        }
        return table
    }

    private static func wrapped(_ sentences: [String], _ width: Int) -> String {
        sentences.flatMap { Paragraph($0).lines(width: width, keepsWords: true) }.map(\.text).joined(separator: "\n")
    }

    private var summary: [String] {
        func count(_ number: Int, _ one: String, _ many: String) -> String { "\(number) \(number == 1 ? one : many)" }
        let parts = [
            count(keys.count, "key", "keys") + undescribed, count(outcome.referenceCount, "reference", "references"),
            snapshot.unread.isEmpty
                ? "everything was read" : "\(count(snapshot.unread.count, "thing", "things")) could not be read",
        ]
        let accounts = snapshot.header.accounts
        let whose = accounts.count == 1 ? "Account \(accounts[0])" : "\(accounts.count) accounts"
        let sentence =
            "\(whose), \(snapshot.header.regions.joined(separator: ", ")): " + parts.joined(separator: "; ") + "."
        return [sentence] + [again].compactMap { $0 }
    }

    /// Of events that stand twice in the files.
    private var again: String? {
        snapshot.header.events?.again.map { number in
            "\(number) \(number == 1 ? "call stands" : "calls stand") in the events again, and \(number == 1 ? "counts" : "count") once."
        }
    }

    /// Keys that are there, be they AWS's or the account's own.
    private var undescribed: String {
        let listed = snapshot.unread.count { gap in
            guard gap.service == "kms", gap.operation == "DescribeKey", let resource = gap.resource else {
                return false
            }
            if case .keyARN = KeyName(resource.text) { return true }
            return false
        }
        return listed == 0 ? "" : " and \(listed) more that KMS lists and did not describe"
    }

    private func table(_ first: String, _ others: String...) -> Table { Table(headings(first, others)) }

    private func headings(_ first: String, _ others: String...) -> [String] { headings(first, others) }

    private func headings(_ first: String, _ others: [String]) -> [String] {
        [first, isOfMany ? "ACCOUNT, REGION" : "REGION"] + others
    }

    private func place(_ account: String, _ region: String) -> String { Self.place(account, region, isOfMany) }

    private static func place(_ account: String, _ region: String, _ isOfMany: Bool) -> String {
        shown(OutsideText(isOfMany ? "\(account) \(region)" : region))
    }

    private static func shown(_ text: OutsideText?) -> String {
        text.map { Printable.text($0.text, limit: 2_048) } ?? "-"
    }
}

extension InventoryKey {
    /// Whether KMS tells of its materials and rotations: others have one material for ever, or AWS's own.
    var hasRotations: Bool {
        spec?.text == "SYMMETRIC_DEFAULT" && ["EXTERNAL", "AWS_KMS"].contains(origin?.text)
    }
}
