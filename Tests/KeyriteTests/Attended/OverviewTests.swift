import Ceremony
import Evidence
import Foundation
import KeyriteCommands
import Room
import TestSupport
import Testing

@Suite("Where a ceremony stands")
struct OverviewTests {
    @Test("after every line of a real transcript the overview fits the screen, and never goes back")
    func everyLine() async throws {
        try await CeremonyRoom.with { room in
            try await room.holdCeremony()
            let folder = try DiskFolder(at: room.ceremony)
            let transcript = try Transcript(parsing: try folder.read(Transcript.path))
            var record = try FrozenCeremony(reading: folder).emptyRecord
            var done: [Step] = []
            for (line, digest) in zip(transcript.lines, transcript.digests) {
                try record.apply(line, digest: digest, folder: folder)
                let overview = Overview(of: record, running: nil, now: line.at)
                let now = overview.lines.filter { $0.status == .done }.map(\.step)
                #expect(Set(now).isSuperset(of: done))
                done = now
                for columns in [40, 80] {
                    for rows in [16, 24, 50] {
                        let lines = View(overview: overview, body: [Paragraph("Who signs?")]).lines(
                            TerminalSize(columns: columns, rows: rows))
                        #expect(lines.allSatisfy { $0.text.count <= columns })
                        if columns == 80 { #expect(lines.count < rows) }
                    }
                }
            }
            #expect(done == Step.allCases.filter { $0.isPart(of: record.plan) })
        }
    }

    @Test("who acts is told by the signatures that are there, journaled or not")
    func acting() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            #expect(try await room.run().status == 3)
            let record = try room.record()
            let began = try #require(record.transcript.lines.first?.at)
            func overview(_ signed: String..., after seconds: Int64 = 0) -> Overview {
                Overview(of: record, running: .authorize, signed: signed, now: began.advanced(bySeconds: seconds))
            }
            #expect(overview().acting == "To sign the gate authorize: 2 custodians of ben, carol, dan.")
            #expect(overview("carol").acting == "To sign the gate authorize: 1 custodian of ben, dan.")
            #expect(overview("carol", "ben").acting == "Everybody has signed. Nobody needs to act.")
            #expect(overview("carol", "ben").asking.acting == "To answer what is asked below.")
            #expect(overview("carol").asking == overview("carol"))
            #expect(
                overview(after: 192).brief.text
                    == "Elapsed 3 min 12 s. Step 1 of 11, authorize: 2 custodians of ben, carol, dan")
            #expect(
                overview("carol", after: 86400).brief.text
                    == "Elapsed 24 h 0 min. Step 1 of 11, authorize: 1 custodian of ben, dan")
            #expect(overview(after: -60).timing == "Elapsed 0 s", "a clock that was set back")
        }
    }

    @Test("a gate activate that is folded into release is shown as that, and release needs what both need")
    func folded() async throws {
        try await CeremonyRoom.with { room in
            let definition = room.base.appending(path: "folded.yaml")
            let text = """
                schema: keyrite.definition/1
                title: Folded
                windowHours: 24
                wrappingKeySpec: RSA_2048
                policy: {foldsActivate: true, rules: {activate: [{role: witness, count: 1}]}}
                keys:
                  - {alias: \(CeremonyRoom.alias), strategy: rotate, proof: true}
                """
            try Data(text.utf8).write(to: definition)
            try await room.plan(definition: definition.path)
            #expect(try await room.run().status == 3)
            let record = try room.record()
            let overview = Overview(
                of: record, running: .authorize, now: try #require(record.transcript.lines.last?.at))
            func line(_ step: Step) -> Overview.Line? { overview.lines.first { $0.step == step } }
            #expect(line(.activate)?.detail == "folded into release")
            #expect(line(.activate)?.status == .next)
            #expect(line(.release)?.detail == "needs 2 custodians and 1 witness")
        }
    }

    @Test(
        "time is said as people say it",
        arguments: [
            (0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (192, "3 min 12 s"), (3599, "59 min 59 s"),
            (3600, "1 h 0 min"), (7500, "2 h 5 min"),
        ])
    func spoken(seconds: Int, text: String) {
        #expect(Duration.seconds(seconds).spoken == text)
    }
}
