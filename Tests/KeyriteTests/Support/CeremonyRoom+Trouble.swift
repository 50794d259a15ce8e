import AWS
import Ceremony
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// A ceremony that the program holds on a KMS that is not left alone, or goes wrong.
extension CeremonyRoom {
    /// Freezes a plan for the one key.
    ///
    /// - Parameters:
    ///   - alias: Of another key than the room's.
    ///   - hours: Of its window.
    func plan(_ strategy: Strategy, alias: String = alias, hours: Int = 24) async throws {
        let definition = base.path + "/definition.yaml"
        let text = """
            schema: keyrite.definition/1
            title: A test on real parts
            windowHours: \(hours)
            wrappingKeySpec: RSA_2048
            keys:
              - alias: \(alias)
                strategy: \(strategy.rawValue)
                proof: true
            """
        try Data(text.utf8).write(to: URL(filePath: definition))
        try await plan(definition: definition)
    }

    /// Runs the program, and has people sign what it waits for, until it waits for nobody.
    ///
    /// - Parameters:
    ///   - step: nil for the end.
    ///   - clock: Another clock than the machine's, on this host.
    /// - Returns: How the last run ended.
    func goOn(until step: Step? = nil, clock: ShiftedClock? = nil) async throws -> ProcessOutcome {
        let until = step.map { ["--until", $0.rawValue] } ?? []
        while true {
            let outcome = try await Self.keyrite(
                ["run", ceremony, "--site", room.siteFile] + until, environment: clock?.environment ?? [:])
            guard outcome.status == 3 else { return outcome }
            let gate = try #require(try record().gates.open?.statement.gate)
            try await approveHere(gate, clock: clock ?? SystemClock())
        }
    }

    /// As many people sign as the gate needs, by the code of `keyrite approve` in the tests' own process.
    func approveHere(_ gate: Gate, clock: any ClockPort = SystemClock()) async throws {
        let record = try record()
        for requirement in record.requirements(at: gate) {
            for person in record.approvers(of: requirement.role, at: gate).prefix(requirement.count) {
                _ = try await Approver(
                    folder: try DiskFolder(at: ceremony), memory: try room.site.memory(of: person), clock: clock
                ).approve(gate, as: person.name, participant: Willing(), signer: try room.site.signer(of: person.name))
            }
        }
    }

    /// What goes wrong with KMS from now on, in place of all that did before.
    func setFaults(_ rules: [String: Any]...) async throws {
        try await administer(["action": "set-faults", "rules": rules])
    }

    /// AWS's names of what the transcript says that KMS refused.
    func refusals() throws -> [String] {
        try record().transcript.lines.compactMap {
            if case .refused(let refused) = $0.event { refused.code } else { nil }
        }
    }

    /// How often KMS did what it was asked for, of each effect that a ceremony has there.
    func effects() async throws -> [String: Int] {
        let names: Set = [
            "CreateKey", "ImportKeyMaterial", "RotateKeyOnDemand", "CreateAlias", "UpdateAlias",
            "DeleteImportedKeyMaterial",
        ]
        let done = try await calls().filter { names.contains($0.operation) && $0.error == nil }
        return Dictionary(grouping: done, by: \.operation).mapValues(\.count)
    }

    /// A key as KMS has it, in a line: its state, its materials in their order, and where the alias of the room's points.
    ///
    /// - Parameter others: Keys by what a test calls them.
    func standing(of key: String, others: [String: String] = [:]) async throws -> String {
        let kms = try room.client()
        let state = try await kms.describeKey(.init(keyID: key)).output.keyMetadata.keyState.rawValue
        let materials = try await kms.allKeyMaterials(keyID: key).map { $0.keyMaterialState?.rawValue ?? "unknown" }
        let target = try await kms.describeKey(.init(keyID: Self.alias)).output.keyMetadata.arn
        let name = target == key ? "itself" : others[target] ?? "a stranger"
        return "\(state); \(materials.joined(separator: ", ")); the alias is at \(name)"
    }

    /// Both verifiers say the same, and that it holds.
    func expectBothHold(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let options = ["--roster", rosterDigest, "--expect", "rehearsal"]
        let ours = try await Self.keyrite(["verify", ceremony] + options)
        let script = try await runProcess("dash", [TamperedFolder.script, ceremony] + options)
        #expect(
            ours.status == 0 && script.stdoutText == ours.stdoutText,
            "\(ours.stdoutText)\(ours.stderrText)\(script.stdoutText)", sourceLocation: sourceLocation)
    }
}
