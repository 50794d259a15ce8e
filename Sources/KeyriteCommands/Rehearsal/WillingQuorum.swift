import Ceremony
import Evidence
import Room

/// A rehearsal's participants, who answer for themselves: each signs with a token of their own.
struct WillingQuorum {
    let room: RehearsalSite
    let folder: DiskFolder
    /// The host on which they sign, which remembers it.
    let memory: Site

    /// Asks as many people of each role as the gate still misses, until one refuses: that ends the attempt.
    func sign(_ gate: Gate, missing: [GateRequirement], record: Record) async throws {
        let signed = Set(record.gates.open?.approvals.map(\.name) ?? [])
        for requirement in missing {
            let people = record.approvers(of: requirement.role, at: gate).filter { !signed.contains($0.name) }
            for person in people.prefix(requirement.count) {
                guard try await sign(gate, as: person) == .approve else { return }
            }
        }
    }

    private func sign(_ gate: Gate, as person: Member) async throws -> Decision {
        let approver = Approver(folder: folder, memory: try memory.memory(of: person), clock: SystemClock())
        let decision = try await approver.approve(
            gate, as: person.name, participant: WillingParticipant(), signer: try room.site.signer(of: person))
        Output.toPeople("  \(person.name): \(decision.rawValue)")
        return decision
    }
}
