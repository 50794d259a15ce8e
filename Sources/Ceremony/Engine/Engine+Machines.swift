import CryptoPrimitives
import Evidence

/// What the administrator says of a machine or a program that the plan lacks: the ceremony is to go on with it.
package struct Moved: Hashable, Sendable {
    /// Who says it, by their name on the roster.
    package let by: String
    /// Why, as they wrote it.
    package let why: String

    package init(by: String, why: String) {
        self.by = by
        self.why = why
    }
}

/// A machine or a program that the plan lacks, where everything else is the plan's.
package struct UnplannedMachine: Error, Hashable, Sendable, CustomStringConvertible {
    /// What differs from the plan.
    package let what: String
    /// What it means to go on with it.
    package let meaning: String
    /// How to.
    package let remedy: String

    package var description: String { "\(what). \(remedy). \(meaning)" }
}

extension Engine {
    /// Holds what this run sees around it to the plan. Machine and program may be others, by an exception on record; where
    /// the administrator says so, it is put there now.
    ///
    /// - Throws: `CeremonyError` naming every difference; `UnplannedMachine` where machine and program are the only one.
    func requireSurroundings(_ seen: ObservedEnvironment, _ moved: Moved?) throws {
        let (planned, host) = (record.plan.environment, ports.environment.host)
        let unplanned = seen.programs.filter { !record.accepts($0, on: host) }
        guard record.plan.gap == nil, let machine = unplanned.first, unplanned.count == 1, machine.host == host else {
            try EnvironmentRules.check(seen, against: planned, beside: record.machines)
            // Who was killed right after the exception says the same again.
            guard moved == nil || seen.programs.contains(where: record.machines.contains) else {
                throw CeremonyError(
                    .invalidInput, "Nothing moved: this machine and its program are the plan's",
                    remedy: "Run again without saying so")
            }
            return
        }
        try EnvironmentRules.check(seen, against: planned, beside: record.machines + [machine])
        let differs = Self.difference(of: machine, from: planned)
        guard let moved else {
            throw UnplannedMachine(what: differs, meaning: meaning, remedy: try wayOn())
        }
        guard record.roster.member(named: moved.by)?.role == .administrator else {
            throw CeremonyError(
                .invalidInput, "\(PercentEncoding.encode(moved.by)) is not the administrator of this ceremony",
                remedy: try wayOn())
        }
        try journal(
            .exception(
                Deviation(
                    by: moved.by, what: try differs.recorded("exception"), why: try moved.why.recorded("reason"),
                    remedy: try meaning.recorded("remedy"),
                    machine: OtherMachine(
                        host: machine.host, program: machine.program, unsettled: record.unsettledIntent))))
    }

    private static func difference(of machine: ProgramDigest, from planned: CeremonyEnvironment) -> String {
        let known = planned.programs.map { "\($0.host) with \($0.program)" }.joined(separator: ", ")
        return "Another machine or program than planned: this is \(machine.host) with the program \(machine.program), "
            + "planned was \(known)"
    }

    private func wayOn() throws -> String {
        let administrator = record.roster.members.first { $0.role == .administrator }?.name ?? "NAME"
        return
            "If it is meant to go on here, the administrator puts that on record: keyrite run with --moved \"WHY\" --as "
            + "\(administrator). Otherwise restore what the plan names"
    }

    /// What people are told who sign it: a machine that has seen nothing would notice nothing, either.
    private var meaning: String {
        let signed =
            "What was signed at an open gate is void, and nothing that needs a gate is done before one is signed "
            + "with this exception. Before anybody signs it, what is replaced, machine or program, and its copy of the "
            + "folder must be out of use: it would go on under what was signed before"
        let remembers = (try? ports.memory.recall(record.plan.ceremony).isEmpty) == false
        guard !remembers else { return signed }
        return signed
            + ". Nothing on this machine remembers this ceremony, so it cannot notice a folder that is older than "
            + "what another saw: compare the last line with what custodians' machines and the people have"
    }
}
