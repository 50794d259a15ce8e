import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Testing

/// What the transcript says of a call whose answer was lost, and AWS's record of it.
@Suite("A result that was found by looking, under a second intent")
struct FoundAgainTests {
    static let spare = ProgramDigest(host: "spare", program: SHA256Digest(of: [9]))

    /// A ceremony whose rotation was not answered on one machine, and found 20 minutes later on another.
    static func ceremony() async throws -> TestRoom {
        let room = try await TestRoom.ready()
        await room.kms.prepare { ($0.lost["rotate"], $0.blindCalls["rotate"]) = (.answer, 99) }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        room.clock.set(room.clock.now().advanced(bySeconds: 1200))
        let later = room.clock.now()
        await room.kms.prepare { ($0.now, $0.blindLooks) = (later, 0) }
        room.environment.set(.make(programs: [Self.spare]))
        var moved: Moved? = Moved(by: "ada", why: "the disk is full")
        while case .waiting(let gate, _, _) = try await room.leavingTheHSM({ [moved] in
            try await room.engine().run(moved: moved)
        }) {
            moved = nil
            for name in ["ben", "carol"] + (gate == .close ? ["wendy"] : []) { try await room.sign(gate, as: name) }
        }
        return room
    }

    private func event(_ name: String, _ record: Record, at: Timestamp, material: String?) throws -> AWSEvent {
        let (aws, key) = (record.plan.environment.aws, record.plan.slots[0].key)
        let identity = material == nil ? ["arn": aws.caller] : ["invokedBy": "AWS Internal"]
        var members: [String: Any] = [
            "eventID": "\(name) at \(at)", "eventName": name, "eventSource": AWSEvent.kms, "eventTime": "\(at)",
            "awsRegion": aws.region, "recipientAccountId": aws.account, "userIdentity": identity,
            "resources": [["ARN": key]],
        ]
        if let material { members["serviceEventDetails"] = ["currentKeyMaterialId": material] }
        return try AWSEvent([UInt8](JSONSerialization.data(withJSONObject: members)))
    }

    @Test("has its event at any time since it was intended first, and not before")
    func found() async throws {
        let room = try await Self.ceremony()
        #expect(try room.verdict() == .verified)
        let record = try await room.record()
        let intents = record.transcript.lines.filter { $0.event.kind == .rotateIntended }
        try #require(intents.count == 2)
        #expect(intents[1].at >= intents[0].at.advanced(bySeconds: 1200))
        let material = try #require(record.slots["payments"]?.imported?.material)
        for (seconds, standing) in [(1, .matched), (-301, .missing)] as [(Int64, ReconciledCall.Standing)] {
            var reconciliation = try #require(Reconciliation(of: record))
            let at = intents[0].at.advanced(bySeconds: seconds)
            try reconciliation.take(try event("RotateKeyOnDemand", record, at: at, material: nil))
            try reconciliation.take(try event("RotateKey", record, at: at, material: material))
            let report = reconciliation.report(asOf: intents[1].at.advanced(bySeconds: 86_400))
            let rotations = report.calls.filter { $0.call.operation.hasPrefix("RotateKey") }
            #expect(rotations.map(\.standing) == [standing, standing])
            #expect(rotations.map(\.call.intent) == [intents[1].seq, intents[1].seq])
            #expect(rotations.allSatisfy { $0.call.request == nil && $0.call.firstIntended == intents[0].at })
        }
    }
}
