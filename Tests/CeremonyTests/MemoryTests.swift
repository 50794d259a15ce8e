import Ceremony
import Evidence
import Testing

@Suite("Machines remember what they signed")
struct MemoryTests {
    @Test("of two folders forked from one, whoever saw one is not fooled by the other")
    func forked() async throws {
        let room = try await TestRoom.ready()
        let (ben, carol) = (MemoryOfSightings(), MemoryOfSightings())
        try await room.advance(to: .authorize)
        let (fork, elsewhere) = (room.folder.copy(), MemoryOfSightings())

        // In one folder the ceremony goes on, and carol signs there.
        try await room.advance(to: .release)
        try await room.sign(.release, as: "carol", remembering: carol)

        // In the other somebody has something put on record, and ben signs there.
        room.speakers.say(.exception(by: "ada", what: "a fork", why: "to deceive", remedy: "none"))
        let forger = try Engine(opening: room.ports(fork, elsewhere))
        _ = try await forger.run()
        try await room.sign(.authorize, as: "ben", in: fork, remembering: ben)

        await #expect(throws: EvidenceError.self) {
            try await room.sign(.authorize, as: "carol", in: fork, remembering: carol)
        }
        let refusal = await #expect(throws: EvidenceError.self) {
            try await room.sign(.release, as: "ben", remembering: ben)
        }
        #expect(refusal?.path == Transcript.path)
        #expect(refusal?.reason.hasPrefix("another line stood here before") == true)
        // Neither left a trace in the folder that was refused.
        #expect(try !fork.files().contains(Approval.path(.authorize, 2, "carol")))
        #expect(try !room.folder.files().contains(Approval.path(.release, 1, "ben")))
    }

    @Test("who saw both folders while they were one signs in whichever comes first, and then in that alone")
    func sawBoth() async throws {
        let room = try await TestRoom.ready()
        let ben = MemoryOfSightings()
        try await room.advance(to: .authorize)
        let fork = room.folder.copy()
        try await room.sign(.authorize, as: "ben", in: fork, remembering: ben)
        // The same statement in the same place: signing it again is no conflict.
        try await room.sign(.authorize, as: "ben", remembering: ben)
        try await room.sign(.authorize, as: "carol")
        try await room.advance(to: .release)
        try await room.sign(.release, as: "ben", remembering: ben)
        let refusal = await #expect(throws: EvidenceError.self) {
            try await room.sign(.authorize, as: "ben", in: fork, remembering: ben)
        }
        #expect(refusal?.reason.contains("went back in time") == true)
        #expect(refusal?.remedy?.contains("If this copy is all that is left, the ceremony cannot go on") == true)
    }

    @Test("a folder put back to before a call, with its gate passed, is refused: the call is not made again")
    func putBackWithinAGate() async throws {
        let room = try await StrategyTests.replacing()
        try await room.advance(until: .generate)
        let backup = room.folder.copy()
        _ = try await room.engine().run(until: .create)
        #expect(await room.kms.others.count == 1)
        let error = #expect(throws: EvidenceError.self) {
            try Engine(opening: room.ports(backup, room.memory))
        }
        #expect(error?.reason.hasPrefix("it went back in time") == true)
        #expect(try await room.advance() == .closed)
    }

    @Test("a folder put back to what it was is refused by the people and by the host")
    func putBack() async throws {
        let room = try await TestRoom.ready()
        let ben = MemoryOfSightings()
        try await room.advance(to: .authorize)
        let backup = room.folder.copy()
        try await room.advance(to: .release)
        try await room.sign(.release, as: "ben", remembering: ben)
        await #expect(throws: EvidenceError.self) {
            try await room.sign(.authorize, as: "ben", in: backup, remembering: ben)
        }
        #expect(throws: EvidenceError.self) { try Engine(opening: room.ports(backup, room.memory)) }
    }

    @Test("approvals of one attempt count for no other", arguments: [Gate.authorize, .release])
    func exchangedBetweenAttempts(gate: Gate) async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: gate)
        try await room.sign(gate, as: "ben")
        try await room.sign(gate, as: "carol", .refuse(reason: "not yet"))
        try await room.advance()
        try await room.expectBothSay("VERIFIED")
        for suffix in ["", ".sig"] {
            let paths = (1...2).map { Approval.path(gate, $0, "ben") + suffix }
            let files = try paths.map(room.folder.read)
            try room.folder.write(files[1], to: paths[0])
            try room.folder.write(files[0], to: paths[1])
        }
        try await room.expectBothSay("REFUSED: \(Approval.path(gate, 1, "ben"))")
    }

    @Test("what was approved in one ceremony counts in no other that the same people hold")
    func otherCeremony() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        try await room.sign(.authorize, as: "ben")
        let stolen = try ["", ".sig"].map { try room.folder.read(Approval.path(.authorize, 1, "ben") + $0) }
        let next = try await room.holdingAnother()
        try await next.advance(to: .authorize)
        for (suffix, bytes) in zip(["", ".sig"], stolen) {
            try next.folder.write(bytes, to: Approval.path(.authorize, 1, "ben") + suffix)
        }
        try await next.sign(.authorize, as: "carol")
        let outcome = try await next.engine().run()
        guard case .waiting(.authorize, 1, let missing) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(missing == [GateRequirement(role: .custodian, count: 1)])
        #expect(Array(next.refusals.all.keys) == [Approval.path(.authorize, 1, "ben")])
    }
}
