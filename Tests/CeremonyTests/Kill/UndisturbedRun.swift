import Ceremony
import Evidence
import TestSupport
import Testing

/// A run that nothing disturbed, with the room as it was before, and what it left.
struct UndisturbedRun {
    let before: CutRoom
    let points: [String]
    private let outcome: Outcome
    private let evidence: NormalEvidence
    private let remains: [String]
    private let verdict: Verdict

    private init(of room: CutRoom) async throws {
        before = try await room.copy()
        let scissors = Scissors()
        outcome = try await room.run(scissors)
        points = scissors.points
        evidence = try room.evidence()
        remains = try await room.remains()
        verdict = try room.verdict()
    }

    /// Holds a ceremony to its end, and gives each of its runs to a test.
    ///
    /// - Parameter approving: Has one person sign.
    static func each(
        of scene: CutScene,
        approving: (CutRoom, Gate, String) async throws -> Void = { try await $0.approve($1, as: $2) },
        _ body: (UndisturbedRun) async throws -> Void
    ) async throws {
        let room = try await CutRoom.ready(scene)
        for _ in 1...12 {
            let run = try await UndisturbedRun(of: room)
            try await body(run)
            if case .handedOver = run.outcome { continue }
            guard case .waiting(let gate, _, _) = run.outcome else { return #expect(run.verdict == .verified) }
            for name in room.people(at: gate) { try await approving(room, gate, name) }
        }
        Issue.record("it did not end in twelve runs")
    }

    /// Holds what a disturbed run has left to what this one did.
    ///
    /// - Parameter isShown: Whether the verifier looks at it, too.
    func expectSame(
        after outcome: Outcome, in room: CutRoom, isShown: Bool, _ comment: Comment
    ) async throws {
        #expect(outcome.withoutWords == self.outcome.withoutWords, comment)
        let difference = try room.evidence().firstDifference(from: evidence)
        #expect(difference == nil, comment)
        #expect(try await room.remains() == remains, comment)
        // A transcript tells of a kill only between which of its lines it fell: verifiers need not see them all.
        if isShown { #expect(try room.verdict() == verdict, comment) }
    }
}

extension UndisturbedRun {
    /// The gate that is signed once more after a cut at a point after which nobody knows whether KMS was asked; nil elsewhere.
    ///
    /// - Parameter number: Of the point, from 1. What this host remembers of a line is no call yet.
    func signedAgain(afterCutAt number: Int) -> Gate? {
        let point = points[..<number].last { !$0.contains(" memory.remember ") } ?? ""
        if ["after journal alias-intended", "before kms.createAlias", "before kms.updateAlias"].contains(point) {
            return before.scene.definition.policy.foldsActivate ? .release : .activate
        }
        return switch before.slots.first?.strategy {
        case .revoke where ["after journal revoke-intended", "before kms.deleteMaterial"].contains(point): .activate
        case .reimport where ["after journal import-intended", "before kms.importMaterial existing"].contains(point):
            .release
        default: nil
        }
    }

    /// The same where people signed once more in between, of which the evidence tells.
    func expectSameEffects(after outcome: Outcome, in room: CutRoom, _ comment: Comment) async throws {
        #expect(outcome.withoutWords == self.outcome.withoutWords, comment)
        #expect(try await room.remains() == remains, comment)
        #expect(try room.verdict() == verdict, comment)
    }
}

extension Outcome {
    /// Without the words of a head, which no two signatures share.
    fileprivate var withoutWords: Outcome {
        guard case .handedOver(let number, let host, _) = self else { return self }
        return .handedOver(number: number, to: host, words: [])
    }
}
