import Ceremony
import Evidence

/// What changed hands in a rehearsal: ten seconds to read, at 80 columns.
struct RehearsalSummary {
    let record: Record
    let progress: RunProgress

    /// How many keys are shown before the rest is only counted.
    private static let shown = 6

    var text: String {
        ["", keys, "", signatures, "", times, ""].joined(separator: "\n")
    }

    private var keys: String {
        let shown = record.plan.slots.prefix(Self.shown).compactMap { slot in
            record.slots[slot.slot]?.verified.map { Self.lines(slot, $0) }
                ?? record.slots[slot.slot]?.revocationVerified.map { Self.lines(slot, $0) }
                ?? record.slots[slot.slot]?.reimportVerified.map { Self.lines(slot, $0) }
        }
        let more = record.plan.slots.count - Self.shown
        return (shown + (more > 0 ? ["... and \(more) more keys"] : [])).joined(separator: "\n")
    }

    private static func lines(_ slot: PlanSlot, _ verified: ActivationVerified) -> String {
        let target = verified.aliasTarget ?? slot.key
        var lines = [slot.shownName, "  resolves to   key/\(target.split(separator: "/").last ?? ""), as planned"]
        let (does, willDo) = slot.keySpec.keepsMaterials ? ("decrypts", "encrypts") : ("serves", "serves")
        if let old = verified.oldMaterial {
            let holder = slot.strategy == .replace ? " with the old key" : ""
            lines.append("  old material  \(old.prefix(16))... still \(does)\(holder)")
        }
        lines.append("  new material  \(verified.newMaterial.prefix(16))... \(willDo) from now on")
        if let grants = slot.grants, !grants.isEmpty {
            lines.append("  grants        \(grants.count) of the old key did not travel: see the plan")
        }
        return lines.joined(separator: "\n")
    }

    private static func lines(_ slot: PlanSlot, _ verified: RevocationVerified) -> String {
        [
            slot.shownName, "  deleted       \(verified.material.prefix(16))...",
            "  the key is    \(verified.keyState): \(slot.revoked?.effect.rawValue ?? "")",
        ].joined(separator: "\n")
    }

    private static func lines(_ slot: PlanSlot, _ verified: ReimportVerified) -> String {
        [
            slot.shownName,
            "  imported      \(verified.material.prefix(16))... again, expires: \(verified.expiry.text)",
            "  from          \(slot.label)", "  the key is    \(verified.keyState)",
        ].joined(separator: "\n")
    }

    private var signatures: String {
        var table = Table("GATE", "SIGNED BY")
        for passed in record.gates.passed {
            let statement = passed.statement
            let people = record.gates.decisions.filter { $0.gate == statement.gate && $0.attempt == statement.attempt }
            table.add(statement.gate.rawValue, people.map(\.name).joined(separator: ", "))
        }
        return table.text
    }

    private var times: String {
        var table = Table("STEP", "TOOK")
        let spent = progress.spent
        for step in Step.allCases where step.isPart(of: record.plan) {
            spent[step].map { table.add(step.rawValue, $0.seconds) }
        }
        return table.text
    }
}
