import Ceremony
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("The checkpoints of a rehearsal", .timeLimit(.minutes(60)))
struct CheckpointTests {
    /// The outside calls that each effect of an import consists of, whatever the strategy.
    private static let importing: [EventKind: [String]] = [
        .selfTestIntended: ["hsm.selfTest", "environment.examine"],
        .generateIntended: ["hsm.generate", "hsm.encrypt", "hsm.encrypt"],
        .fetchIntended: ["kms.importParameters"],
        .wrapIntended: ["hsm.find", "hsm.encrypt", "hsm.encrypt", "hsm.wrap"],
        .importIntended: ["kms.importMaterial new"],
        .proveIntended: ["kms.importMaterial existing"],
        .settleIntended: ["hsm.find", "hsm.encrypt", "hsm.encrypt", "hsm.removeCheckUsage"],
    ]
    /// The same, of a strategy's own.
    private static let own: [Strategy: [EventKind: [String]]] = [
        .rotate: [.rotateIntended: ["kms.rotate", "kms.materials"]],
        .import: [
            .aliasIntended: ["kms.createAlias", "kms.target"]
        ],
        .replace: [
            .createIntended: ["kms.createKey", "kms.describe", "kms.settings"],
            .aliasIntended: ["kms.updateAlias", "kms.target"],
        ],
        .revoke: [.revokeIntended: ["kms.deleteMaterial"]],
        .reimport: [
            .generateIntended: ["hsm.find", "hsm.giveCheckUsage", "hsm.encrypt", "hsm.encrypt"],
            .importIntended: ["kms.importMaterial existing"],
        ],
    ]

    @Test(
        "stand before and after every journal line, every outside call, every file written, and each effect's own",
        arguments: Strategy.allCases)
    func complete(_ strategy: Strategy) async throws {
        try await KillRoom.with { room in
            let held = try await HeldCeremony.undisturbed("checked", strategy, in: room)
            let steps = try steps(of: held, gates: try FrozenCeremony(reading: held.ceremony.disk).plan.gates)
            let transcript = try held.ceremony.record().transcript
            let kinds = transcript.lines.map(\.event.kind)
            #expect(steps.filter { $0.hasPrefix("journal ") } == kinds.map { "journal \($0.rawValue)" })
            var common = strategy.importsMaterial ? Self.importing : [:]
            if strategy == .reimport { common[.proveIntended] = nil }
            let effects = common.merging(Self.own[strategy] ?? [:]) { $1 }
            try expectEffects(effects, in: steps, of: kinds)
            try expectFiles(of: held)
            try KillOutcome(held, calls: try await room.calls()).expectCallsToBeCounted("undisturbed")
        }
    }

    /// What was checked, in the order of the ceremony's runs; every `before` is followed by its `after`.
    private func steps(of held: HeldCeremony, gates: [Gate]) throws -> [String] {
        let runs = held.points.filter { $0.key.hasPrefix("run ") }.sorted { $0.key < $1.key }
        #expect(runs.count == gates.count + 1, "up to each gate, and to the end")
        #expect(held.points.count == runs.count + 2 * gates.count + 1, "two people at each gate, and the witness")
        for (process, points) in held.points {
            for pair in stride(from: 0, to: points.count, by: 2) {
                let name = points[pair].dropFirst("before ".count)
                #expect(points[pair].hasPrefix("before "), "\(process)")
                #expect(pair + 1 < points.count && points[pair + 1] == "after \(name)", "\(process)")
            }
        }
        return runs.flatMap(\.value).filter { $0.hasPrefix("before ") }.map { String($0.dropFirst("before ".count)) }
    }

    /// Between the lines that say what is intended and what came of it stand that effect's calls, and no other.
    private func expectEffects(
        _ effects: [EventKind: [String]], in steps: [String], of kinds: [EventKind]
    ) throws {
        let intents = kinds.filter { $0.rawValue.hasSuffix("-intended") }
        #expect(Set(intents) == Set(effects.keys), "every effect of this path is known here")
        for (index, step) in steps.enumerated() where step.hasSuffix("-intended") {
            let kind = try #require(EventKind(rawValue: String(step.dropFirst("journal ".count))))
            let calls = steps[(index + 1)...].prefix { !$0.hasPrefix("journal ") }
            let outside = calls.filter { !$0.hasPrefix("folder.") && !$0.hasPrefix("memory.") }
            #expect(outside == effects[kind], "\(step)")
        }
    }

    /// Nothing lies in the folder that was not frozen with the plan, or written at a checkpoint.
    private func expectFiles(of held: HeldCeremony) throws {
        let members = try held.ceremony.record().roster.members
        let frozen = [Plan.path, Roster.path, Roster.allowedSignersPath] + members.map(Roster.acceptancePath)
        let written = held.points.values.joined().compactMap { point in
            point.hasPrefix("after folder.write ") ? String(point.dropFirst("after folder.write ".count)) : nil
        }
        let known = Set(frozen + written + [Transcript.path])
        for file in try held.ceremony.disk.files() { #expect(known.contains(file), "\(file)") }
    }

    @Test(
        "are refused at a live site, and nothing is touched there",
        arguments: ["--kill-at", "--stop-at", "--checkpoint-log"])
    func refusedLive(option: String) async throws {
        try await withTemporaryFolder { scratch in
            let program = try KillRoom.builtProgram()
            let site = Site(
                mode: .live,
                access: SiteAccess(
                    region: .named("eu-central-1"), endpoint: .named("https://kms.eu-central-1.amazonaws.com")),
                module: .library(path: "/nowhere.so"), token: "pkcs11:token=x", signers: ["ben": "pkcs11:token=y"],
                memory: scratch.appending(path: "memory").path)
            let disk = try DiskFolder.create(at: scratch.appending(path: "site").path)
            try disk.write(Array(site.yaml.utf8), to: "site.yaml")
            let folder = try DiskFolder.create(at: scratch.appending(path: "ceremony").path)
            let value = option == "--checkpoint-log" ? scratch.appending(path: "log").path : "1"
            let common = ["--site", disk.root + "/site.yaml", option, value]
            for command in [
                ["run", folder.root], ["approve", folder.root, "--gate", "close", "--as", "ben", "--auto"],
            ] {
                let outcome = try await runProcess(program, command + common)
                #expect(outcome.status == 2)
                #expect(outcome.stderrText.contains("Only a rehearsal has checkpoints, and the site says live"))
                #expect(try folder.files() == [])
            }
        }
    }
}
