import Ceremony
import Evidence
import Foundation
import TestSupport
import Testing

/// The engine, cut off in memory; the program itself is killed in KillTests.
///
/// Each run is cut off at each of its checkpoints, with everything as it was when that run began, and then goes on. What
/// it leaves is what an undisturbed run leaves: whatever follows cannot tell the two apart.
@Suite("A ceremony of any kind whose processes are cut off at any checkpoint", .timeLimit(.minutes(60)))
struct CutTests {
    /// `KEYRITE_EVERY_KILL` has every checkpoint cut off; without it, every 16th, from another first one in each run.
    private static let stride = ProcessInfo.processInfo.environment["KEYRITE_EVERY_KILL"] == nil ? 16 : 1

    private static var scenes: [CutScene] {
        get throws {
            try [
                .acrossGap, .rotation(folds: true), .rotation(proof: false, " without a proof"),
                .rotation(custody: Custody(trustedWrapping: true), " under wrapping keys that the officer trusts"),
                .ending(.lock), .ending(.destroy), .firstImport(.symmetric, folds: true), .firstImport(.hmac256),
                .firstImport(.p256, retention: .destroy), .firstImport(.rsa2048), .replacement(.symmetric),
                .replacement(.hmac256, folds: true), .replacement(.p256), .replacement(.rsa2048),
                .three(folds: false), .three(folds: true), .revocation(.current), .revocation(.nonCurrent),
                .revocation(.current, acrossGap: true), .reimport(), .reimport(acrossGap: true),
            ]
        }
    }

    @Test("a run of whatever kind goes on as if nothing had been, and does nothing twice", arguments: try scenes)
    func run(_ scene: CutScene) async throws {
        try await hold(scene, every: Self.stride)
    }

    @Test("so does every run of a rotation at every checkpoint, and every approval; nobody signs twice")
    func everyProcess() async throws {
        try await hold(.rotation(), every: 1) { room, gate, name in
            let before = try await room.copy()
            let undisturbed = Scissors()
            try await room.approve(gate, as: name, undisturbed)
            let normal = try room.evidence()
            for number in 1...undisturbed.points.count {
                let cut = try await before.copy()
                let scissors = Scissors(at: number)
                await #expect(throws: CutOff.self) { try await cut.approve(gate, as: name, scissors) }
                let comment = Comment(rawValue: "\(name) at \(gate), \(scissors.points.last ?? "")")
                let again = Scissors()
                if try !cut.hasSigned(name, at: gate) { try await cut.approve(gate, as: name, again) }
                let difference = try cut.evidence().firstDifference(from: normal)
                #expect(difference == nil, comment)
                // Signed again is only what was not written down whole.
                let isWritten = scissors.points.last { $0.hasPrefix("after") }?.hasSuffix("/\(name).json.sig") == true
                #expect(again.points.contains("after signer.sign") == !isWritten, comment)
            }
        }
    }

    private func hold(
        _ scene: CutScene, every stride: Int,
        approving: (CutRoom, Gate, String) async throws -> Void = { try await $0.approve($1, as: $2) }
    ) async throws {
        try await UndisturbedRun.each(of: scene, approving: approving) { run in
            let first = Int.random(in: 1...stride)
            for number in Swift.stride(from: first, through: run.points.count, by: stride) {
                try await cutOff(run, at: number)
            }
        }
    }

    private func cutOff(_ run: UndisturbedRun, at number: Int) async throws {
        let (room, points) = (try await run.before.copy(), run.points)
        let (cut, resumed) = (Scissors(at: number), Scissors())
        let comment = Comment(rawValue: "point \(number), \(points[number - 1])")
        await #expect(throws: CutOff.self, comment) { try await room.run(cut) }
        #expect(cut.points.last == points[number - 1])
        let isShown = points[number - 1].hasPrefix("after journal ")
        let outcome = try await room.run(resumed)
        if let gate = run.signedAgain(afterCutAt: number) {
            guard case .waiting(gate, 2, _) = outcome else { return _ = Issue.record("\(outcome), \(comment)") }
            for name in room.people(at: gate) { try await room.approve(gate, as: name) }
            try await run.expectSameEffects(after: try await room.run(), in: room, comment)
        } else {
            try await run.expectSame(after: outcome, in: room, isShown: isShown, comment)
        }
        for (call, result) in Self.again {
            let isUnrecorded = Self.isUnrecorded(call, result, in: cut.points)
            let had = (cut.points + resumed.points).count { $0 == "after \(call)" }
            let normally = points.count { $0 == "after \(call)" }
            #expect(had == normally + (isUnrecorded ? 1 : 0), "\(call), \(comment)")
        }
    }

    /// What is had again when its result was not journaled.
    private static let again = [
        ("hsm.selfTest", "self-tested"), ("hsm.wrap", "wrapped"), ("kms.importParameters", "fetched"),
    ]

    private static func isUnrecorded(_ call: String, _ result: String, in points: [String]) -> Bool {
        guard let had = points.lastIndex(of: "after \(call)") else { return false }
        return !points[had...].contains("after journal \(result)")
    }
}
