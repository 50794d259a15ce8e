import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Testing

/// Every kind of call that a transcript can have, held to AWS's record by both verifiers.
///
/// `KEYRITE_TEST_SEEDS` says how many times each kind of ceremony is held to a record that is garbled at random,
/// `KEYRITE_TEST_GARBLING` from which seed on, as a failure names it.
@Suite("What both verifiers make of AWS's record")
struct ReconciledTests {
    enum Kind: String, CaseIterable {
        case replaced, aborted, broughtBack, shownLate, imported, refused, foundAgain

        static var tried: [Kind] {
            ReconciledTests.seeds == nil ? [.replaced, .aborted, .broughtBack, .shownLate] : allCases
        }
    }

    private static let seeds = ProcessInfo.processInfo.environment["KEYRITE_TEST_SEEDS"].flatMap(Int.init)

    private static let firstSeed =
        ProcessInfo.processInfo.environment["KEYRITE_TEST_GARBLING"].flatMap(UInt64.init) ?? .random(in: 0...(.max))

    /// SplitMix64.
    private struct Chance: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private func ceremony(_ kind: Kind) async throws -> TestRoom {
        switch kind {
        case .replaced:
            let room = try await StrategyTests.replacing()
            try await room.advance()
            return room
        case .imported:
            let room = try await StrategyTests.importing()
            try await room.advance()
            return room
        case .refused:
            let room = try await TestRoom.ready()
            await room.kms.prepare { $0.refused["rotate"] = "KMSInvalidStateException" }
            await #expect(throws: ServiceRefused.self) { try await room.advance() }
            try await room.advance()
            return room
        case .foundAgain: return try await FoundAgainTests.ceremony()
        case .broughtBack: return try await ReimportTests.broughtBack()
        case .shownLate: return try await ReimportTests.shownLate()
        case .aborted:
            let room = try await TestRoom.ready()
            await room.kms.prepare { ($0.lost["import"], $0.blindCalls["import"]) = (.answer, 99) }
            await #expect(throws: AnswerLost.self) { try await room.advance() }
            room.environment.set(.make(programs: [FoundAgainTests.spare]))
            room.speakers.say(.abort(by: "ada", reason: "the safe is jammed"))
            let moved = Moved(by: "ada", why: "the disk is full")
            _ = try await room.leavingTheHSM { try await room.engine().run(moved: moved) }
            try await room.advance()
            return room
        }
    }

    /// The event of a call, as AWS would have it.
    static func event(_ call: CeremonyCall, _ number: Int, _ record: Record) -> [String: Any] {
        let aws = record.plan.environment.aws
        let identity = call.isServiceEvent ? ["invokedBy": "AWS Internal"] : ["arn": aws.caller]
        var request: [String: Any] = ["keyId": call.key.split(separator: "/").last.map(String.init) ?? ""]
        request["aliasName"] = call.alias
        request["importType"] = call.importType
        if let expiry = call.expiry {
            request["expirationModel"] = expiry == .never ? "KEY_MATERIAL_DOES_NOT_EXPIRE" : "KEY_MATERIAL_EXPIRES"
            if case .at(let time) = expiry { request["validTo"] = "\(time)" }
        }
        var event: [String: Any] = [
            "eventID": "\(number)", "eventName": call.operation, "eventSource": AWSEvent.kms,
            "eventTime": "\(call.until)", "awsRegion": aws.region, "recipientAccountId": aws.account,
            "userIdentity": identity, "requestParameters": request, "resources": [["ARN": call.key]],
        ]
        event["requestID"] = call.request
        event["errorCode"] = call.error
        if let material = call.material { event["responseElements"] = ["keyMaterialId": material] }
        return event
    }

    /// Changes events, leaves some out and puts others in.
    private func garbled(_ events: [[String: Any]], _ random: inout Chance) -> [[String: Any]] {
        func others(_ member: String) -> [Any] { events.compactMap { $0[member] } + [NSNull(), "x"] }
        let names = CeremonyCall.watched.sorted()
        var events = events
        for _ in 0..<Int.random(in: 0..<6, using: &random) where !events.isEmpty {
            let index = events.indices.randomElement(using: &random) ?? 0
            var event = events[index]
            func later(_ seconds: Int64) {
                guard let time = (event["eventTime"] as? String).flatMap({ Timestamp($0) }) else { return }
                event["eventTime"] = "\(time.advanced(bySeconds: seconds))"
            }
            switch Int.random(in: 0..<12, using: &random) {
            case 0: event["eventName"] = names.randomElement(using: &random)
            case 1: event["requestID"] = others("requestID").randomElement(using: &random)
            case 2: later(.random(in: -700...700, using: &random))
            case 3: event["userIdentity"] = ["arn": "arn:aws:iam::1:user/\u{E9}%"]
            case 4: event["errorCode"] = event["errorCode"] == nil ? "AccessDenied" : nil
            case 5: event["awsRegion"] = "eu-west-1"
            case 6: event["recipientAccountId"] = nil
            case 7:
                event["responseElements"] = others("responseElements").compactMap { $0 as? [String: Any] }
                    .randomElement(using: &random)
            case 8:
                event["requestParameters"] = others("requestParameters").compactMap { $0 as? [String: Any] }
                    .randomElement(using: &random)
            case 9: event["resources"] = nil
            case 10:
                var request = event["requestParameters"] as? [String: Any] ?? [:]
                let times: [Any] = ["May 21, 2027, 5:47:45\u{202F}AM", "soon", 1_810_000_000, 0.5, NSNull()]
                request["validTo"] = times.randomElement(using: &random)
                if Bool.random(using: &random) { request["expirationModel"] = "KEY_MATERIAL_EXPIRES" }
                event["requestParameters"] = request
            default: break
            }
            switch Int.random(in: 0..<4, using: &random) {
            case 0: events.remove(at: index)
            case 1: events[index] = event
            case 2:
                event["eventID"] = "\(events.count + 100)"
                events.append(event)
            default: events.append(event)
            }
        }
        guard Int.random(in: 0..<4, using: &random) == 0 else { return events }
        let seconds = Int64.random(in: -300...300, using: &random)
        return events.map { event in
            var event = event
            let time = (event["eventTime"] as? String).flatMap { Timestamp($0) }
            event["eventTime"] = time.map { "\($0.advanced(bySeconds: seconds))" }
            return event
        }
    }

    /// Puts on record what comes of these events, and has both verifiers say what that is.
    private func expectSame(
        _ room: TestRoom, _ record: Record, _ events: [[String: Any]], seed: UInt64? = nil
    ) async throws {
        let garbling = seed.map { "KEYRITE_TEST_GARBLING=\($0)" } ?? "as it was"
        var reconciliation = try #require(Reconciliation(of: record))
        for event in events {
            try reconciliation.take(try AWSEvent([UInt8](JSONSerialization.data(withJSONObject: event))))
        }
        let asOf = try #require(record.transcript.lines.last).at.advanced(bySeconds: 86_400)
        let report = reconciliation.report(asOf: asOf)
        let recorder = try ReconciliationRecorder(folder: room.folder, record: record)
        try room.folder.remove(ReconciliationFile.path)
        #expect(try recorder.record(report, source: .exported, records: 1000) == .recorded)
        var verifier = Verifier(
            of: room.folder, expecting: Expectations(roster: Roster.digest(of: try room.roster.json()), mode: nil))
        let row = try #require(verifier.verify().checks.first { $0.standing == .recorded })
        let said = try await room.shellVerdict()
        #expect(
            said.contains("\nAWS's record  reconciliation.jsonl          \(row.against)\n"),
            "\(garbling): \(said) \(events)")
        #expect(said.contains("\n\nVERIFIED: "), "\(garbling): \(said) \(events)")
    }

    @Test("is the same, of each kind of call, whatever the events say", arguments: Kind.tried)
    func same(_ kind: Kind) async throws {
        let room = try await ceremony(kind)
        let record = try await room.record()
        try #require(record.closed)
        let calls = try #require(Reconciliation(of: record)).calls
        let events = calls.enumerated().map { Self.event($1, $0, record) }
        try await expectSame(room, record, events)
        for number in 0..<UInt64(Self.seeds ?? 0) {
            let seed = Self.firstSeed &+ number
            var random = Chance(state: seed)
            try await expectSame(room, record, garbled(events, &random), seed: seed)
        }
    }

    @Test(
        "an expiry that cannot be read keeps no event from a call that was found by looking, and is all that is found")
    func unreadableExpiry() async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare { ($0.lost["import"], $0.blindCalls["import"]) = (.answer, 99) }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        await room.kms.prepare { $0.blindLooks = 0 }
        try await room.advance()
        let record = try await room.record()
        let calls = try #require(Reconciliation(of: record)).calls
        let usual = calls.enumerated().map { Self.event($1, $0, record) }
        let place = try #require(calls.firstIndex { $0.expiry != nil && $0.request == nil })
        func findings(_ events: [[String: Any]]) throws -> [ReconciliationFinding] {
            var reconciliation = try #require(Reconciliation(of: record))
            for event in events {
                try reconciliation.take(try AWSEvent([UInt8](JSONSerialization.data(withJSONObject: event))))
            }
            let end = try #require(record.transcript.lines.last).at
            return reconciliation.report(asOf: end.advanced(bySeconds: 86_400)).findings
        }
        var events = usual
        var request = try #require(events[place]["requestParameters"] as? [String: Any])
        request["validTo"] = "2027-03-05T00:07:09+01:00"
        events[place]["requestParameters"] = request
        let before = try findings(usual).map(\.kind)
        let found = try findings(events)
        #expect(found.map(\.kind).filter { $0 == .unreadableExpiry }.count == 1)
        #expect(found.map(\.kind).filter { $0 != .unreadableExpiry } == before)
        let words = found.first { $0.kind == .unreadableExpiry }?.words
        #expect(words?.hasPrefix("the event's expiry cannot be read: ") == true)
        // One that says the call's goes first: the other one is nobody's then.
        var second = usual[place]
        second["eventID"] = "second"
        #expect(
            try findings(events + [second]).map(\.kind.rawValue).sorted()
                == (before + [.unexpected]).map(\.rawValue).sorted())
        try await expectSame(room, record, events)
        try await expectSame(room, record, events + [second])
    }

    @Test("a call that was given up counts as one that may have been made: by its event it is unsettled, not another's")
    func givenUp() async throws {
        func findings(_ room: TestRoom, _ chosen: (CeremonyCall) -> Bool) async throws -> [ReconciliationFinding.Kind] {
            let record = try await room.record()
            var reconciliation = try #require(Reconciliation(of: record))
            for (number, call) in reconciliation.calls.filter(chosen).enumerated() {
                let event = Self.event(call, number, record)
                try reconciliation.take(try AWSEvent([UInt8](JSONSerialization.data(withJSONObject: event))))
            }
            let end = try #require(record.transcript.lines.last).at
            return reconciliation.report(asOf: end.advanced(bySeconds: 86_400)).findings.map(\.kind)
        }
        let broughtBack = try await ReimportTests.broughtBack()
        #expect(try await findings(broughtBack) { _ in true } == [.unsettled])
        #expect(try await findings(broughtBack) { !$0.isUncertain } == [])
        let shownLate = try await ReimportTests.shownLate()
        #expect(try await findings(shownLate) { _ in true } == [])
    }
}
