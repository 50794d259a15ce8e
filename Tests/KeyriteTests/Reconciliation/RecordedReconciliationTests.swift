import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// `reconciliation.jsonl` in the example's folder, as it is and tampered with, before both verifiers.
@Suite("AWS's own record in a closed ceremony's folder")
struct RecordedReconciliationTests {
    @Test("is printed the same by both verifiers: where it agrees, and where it does not, which ends with exit code 5")
    func printed() async throws {
        try await RecordedFolder.with { copy in
            let agreed = try await copy.printed()
            #expect(agreed.ours == agreed.script)
            #expect(agreed.ours.0 == 0)
            #expect(
                agreed.ours.1.contains(
                    "\nAWS's record  reconciliation.jsonl          AGREED: 6 of 6 calls have their event, up to 2026-11-26T18:00:00Z\n"
                ))
            #expect(agreed.ours.1.hasSuffix("`aws cloudtrail validate-logs` tells.\n"))
            try copy.record(Array(try copy.events().dropFirst()))
            let missing = try await copy.printed()
            #expect(missing.ours == missing.script)
            #expect(missing.ours.0 == 5)
            #expect(missing.ours.1.contains("\nVERIFIED: "))
            #expect(missing.ours.1.contains("\nFINDINGS: AWS's own record does not agree with it: 1 missing\n"))
        }
    }

    @Test("holds in the first format for ever, by both verifiers, whatever its events have of an expiry")
    func kept() async throws {
        try await RecordedFolder.with(kept: true) { copy in
            let agreed = "AGREED: 6 of 6 calls have their event, up to 2026-11-26T18:00:00Z"
            #expect(try copy.lines()[0]["schema"] == "keyrite.reconciliation/1")
            #expect(try await copy.row() == agreed)
            let kept = try copy.events()
            let events = kept.map {
                $0.replacing(#"{"importType":"NEW"#, with: #"{"expirationModel":"x","validTo":[],"importType":"NEW"#)
            }
            try #require(events != kept)
            try copy.record(events, by: .first)
            #expect(try await copy.row() == agreed)
        }
    }

    @Test("has a finding of its own, in both, where an event's expiry cannot be read")
    func unreadableExpiry() async throws {
        try await RecordedFolder.with { copy in
            let events = try copy.events()
            for validTo in [#""2027-05-21T05:47:45+01:00""#, "1810000000", "[1]", #""\u00e9%""#] {
                let unread = events.map {
                    $0.replacing(
                        #"DOES_NOT_EXPIRE","importType":"NEW"#,
                        with: #"EXPIRES","validTo":\#(validTo),"importType":"NEW"#)
                }
                try #require(unread != events)
                try copy.record(unread)
                let found = validTo == "1810000000" ? (5, "1 differs") : (6, "1 unreadable-expiry")
                let row = try await copy.row()
                #expect(
                    row == "NOT AGREED: \(found.0) of 6 calls have their event, up to 2026-11-26T18:00:00Z; \(found.1)")
            }
        }
    }

    @Test("comes to the same in both, whatever was found")
    func found() async throws {
        try await RecordedFolder.with { copy in
            try copy.record(try Self.disagreeing(copy))
            let row = try await copy.row()
            #expect(
                row.hasSuffix(
                    "; 1 missing, 5 unexpected, 1 other-identity, 2 differs, 2 replayed"), "\(row)")
        }
    }

    @Test("is read where an event is as long as one can be, and each of its characters is encoded")
    func longest() async throws {
        try await RecordedFolder.with { copy in
            let event = try copy.events()[1].replacing(/"eventID":"[^"]*"/, with: #""eventID":"%""#)
                .replacing(/"requestID":"[^"]*"/, with: #""requestID":"é""#)
                .replacing("user/rehearsal", with: "user/mallory")
            let room = AWSEvent.longest - event.utf8.count - #""x":"","#.utf8.count
            let text = String(repeating: "%", count: room / 2) + String(repeating: "é", count: room / 4)
            let longest = #"{"x":"\#(text)","# + event.dropFirst()
            #expect(longest.utf8.count > AWSEvent.longest - 4)
            try copy.record(try copy.events() + [longest])
            #expect(try await copy.row().hasSuffix("; 1 unexpected"))
        }
    }

    /// Events of which nearly everything is wrong that can be.
    private static func disagreeing(_ copy: RecordedFolder) throws -> [String] {
        var events = try copy.events()
        func change(_ index: Int, _ old: String, _ new: String) throws {
            try #require(events[index].contains(old), "\(events[index])")
            events[index].replace(old, with: new)
        }
        // Of the two fetches one is made by somebody else, with words that nobody writes so.
        try change(0, #""arn":"arn:aws:iam::111122223333:user/rehearsal""#, #""arn" : "\u212a% 日本\n""#)
        // A second answer, a refused one, and one of a service by way of the same credentials.
        let fetch = events[1].replacing(/"eventID":"[^"]*"/, with: #""eventID":"2""#)
            .replacing(/"requestID":"[^"]*"/, with: #""requestID":"2""#)
        events.append(fetch)
        events.append(fetch.replacing(#""eventID":"2""#, with: #""errorCode":"ThrottlingException","eventID":"3""#))
        events.append(
            fetch.replacing(#""eventID":"2""#, with: #""eventID":"4""#)
                .replacing(#""userIdentity":{"#, with: #""userIdentity":{"invokedBy":"x.amazonaws.com","#))
        // A policy by its key id, an alias by its name, the same in another Region, and at another time.
        for (id, more) in [
            ("5", #""awsRegion":"eu-central-1""#), ("6", #""awsRegion":"eu-west-1""#),
            ("7", #""awsRegion":"eu-central-1","x":"2026-11-26T17:24:00Z""#),
        ] {
            let key = try #require(events[1].firstMatch(of: /key\/([0-9a-f-]{36})/)).output.1
            events.append(
                fetch.replacing(#""eventID":"2""#, with: #""eventID":"\#(id)""#)
                    .replacing("GetParametersForImport", with: "PutKeyPolicy")
                    .replacing(#""awsRegion":"eu-central-1""#, with: more)
                    .replacing("user/rehearsal", with: "user/mallory")
                    .replacing(/"resources":\[[^\]]*\]/, with: #""resources":null"#)
                    .replacing(/"keyId":"[^"]*"/, with: #""keyId":"\#(key)""#)
                    .replacing(
                        /"eventTime":"[^"]*"/, with: #""eventTime":"2026-11-26T17:\#(id == "7" ? "24:00" : "19:48")Z""#)
            )
        }
        events.append(
            events[events.count - 1].replacing(#""eventID":"7""#, with: #""eventID":"8""#)
                .replacing("PutKeyPolicy", with: "DeleteAlias")
                .replacing(/"keyId":"[^"]*"/, with: #""aliasName":"alias/payments-production""#)
                .replacing("17:24:00", with: "17:19:50"))
        // An import that was refused, and of other material; another that stands there twice.
        let importing = try #require(events.firstIndex { $0.contains("NEW_KEY_MATERIAL") })
        try change(importing, #""eventID":"#, #""errorCode":"AccessDenied","eventID":"#)
        events[importing].replace(/"keyMaterialId":"[^"]*"/, with: #""keyMaterialId":"0""#)
        let proving = try #require(events.firstIndex { $0.contains("EXISTING_KEY_MATERIAL") })
        events.append(events[proving].replacing(/"eventID":"[^"]*"/, with: #""eventID":"9""#))
        events.append(
            events[proving].replacing(#""awsRegion":"#, with: #""recipientAccountId":null,"awsRegion":"#)
                .replacing(#""recipientAccountId":"111122223333","#, with: ""))
        // A rotation of other material: its own is missing.
        let rotating = try #require(events.firstIndex { $0.contains(#""eventName":"RotateKey""#) })
        events[rotating].replace(/"currentKeyMaterialId":"[^"]*"/, with: #""currentKeyMaterialId":"0""#)
        return events
    }

    /// What is done to the file, and what both verifiers say to it.
    struct Forgery: CustomTestStringConvertible, Sendable {
        let name: String
        let place: String
        let words: String
        let change: @Sendable (RecordedFolder) throws -> Void
        var testDescription: String { name }

        init(
            _ name: String, at line: Int?, _ words: String,
            _ change: @escaping @Sendable (RecordedFolder) throws -> Void
        ) {
            self.name = name
            place = line.map { "\(ReconciliationFile.path):\($0)" } ?? ReconciliationFile.path
            self.words = words
            self.change = change
        }

        /// The same of the lines alone.
        static func lines(
            _ name: String, at line: Int?, _ words: String,
            _ change: @escaping @Sendable (inout [JSONValue]) throws -> Void
        ) -> Forgery {
            Forgery(name, at: line, words) { copy in
                var lines = try copy.lines()
                try change(&lines)
                try copy.write(lines)
            }
        }

        /// The same of one event, with the hashes made anew.
        static func event(
            _ name: String, at line: Int, _ words: String, of index: Int, _ old: String, _ new: String
        ) -> Forgery {
            .lines(name, at: line, words) { lines in
                let text = try PercentEncoding.decode(lines[index]["record"].text)
                try #require(text.contains(old), "\(text)")
                let before = lines[index]["sha256"]
                lines[index] = RecordedFolder.line(text.replacing(old, with: new))
                lines[0]["calls"] = .array(
                    lines[0]["calls"].elements.map { call in
                        var call = call
                        if call["event"] == before { call["event"] = lines[index]["sha256"] }
                        return call
                    })
                guard line == 1 else { return }
                let rest = try lines.dropFirst().map { line in
                    let time = try #require(line["record"].text.firstMatch(of: /"eventTime":"([^"]*)"/)).output.1
                    return (String(time) + line["sha256"].text, line)
                }
                lines = lines.prefix(1) + rest.sorted { $0.0 < $1.0 }.map(\.1)
            }
        }

        /// The same of the bytes.
        static func bytes(
            _ name: String, at line: Int, _ words: String, _ old: String, _ new: String
        ) -> Forgery {
            Forgery(name, at: line, words) { copy in
                let text = String(decoding: try copy.folder.read(ReconciliationFile.path), as: UTF8.self)
                try #require(text.contains(old))
                try copy.folder.write(
                    Array(text.replacing(old, with: new, maxReplacements: 1).utf8), to: ReconciliationFile.path)
            }
        }
    }

    private static let calls = "its calls are not the transcript's, each with its event"
    private static let findings = "its findings are not those that follow from its events"
    private static let other = "it is of another ceremony, or another transcript"
    private static let noEvent = "its record is no event of CloudTrail's: "

    /// Changes the event of the rotation that KMS makes by itself, and nothing else but its hash and its place.
    private static func rotate(_ lines: inout [JSONValue], _ old: String, _ new: String) throws {
        let texts = try lines.dropFirst().map { try PercentEncoding.decode($0["record"].text) }
        let index = try #require(texts.firstIndex { $0.contains(#""eventName":"RotateKey""#) })
        try #require(texts[index].contains(old))
        let before = lines[index + 1]["sha256"]
        let changed = RecordedFolder.line(texts[index].replacing(old, with: new))
        lines[index + 1] = changed
        lines[0]["calls"] = .array(
            lines[0]["calls"].elements.map { call in
                var call = call
                if call["event"] == before { call["event"] = changed["sha256"] }
                return call
            })
        let rest = try lines.dropFirst().map { line in
            let time = try #require(line["record"].text.firstMatch(of: /"eventTime":"([^"]*)"/)).output.1
            return (String(time) + line["sha256"].text, line)
        }
        lines = lines.prefix(1) + rest.sorted { $0.0 < $1.0 }.map(\.1)
    }

    static let forgeries: [Forgery] = [
        .lines("an event was dropped", at: 1, calls) { $0.remove(at: 3) },
        .lines("two events were swapped", at: 4, "it is not in its place, or stands there twice") { $0.swapAt(2, 3) },
        .lines("an event was repeated", at: 4, "it is not in its place, or stands there twice") {
            $0.insert($0[2], at: 3)
        },
        .lines("an event of something else was added", at: 2, "it is not about this ceremony") { lines in
            let text = try PercentEncoding.decode(lines[1]["record"].text)
            let other = text.replacing(/"eventID":"[^"]*"/, with: #""eventID":"0""#)
                .replacing(/"requestID":"[^"]*"/, with: #""requestID":"0""#)
                .replacing("GetParametersForImport", with: "Decrypt").replacing("17:19:44", with: "17:19:00")
            lines.insert(RecordedFolder.line(other), at: 1)
        },
        .lines("an event was added that nothing is to be said of", at: 2, "no call is its, and no finding is about it")
        {
            lines in
            let text = try PercentEncoding.decode(lines[1]["record"].text)
            let other = text.replacing(/"eventID":"[^"]*"/, with: #""eventID":"0""#)
                .replacing(/"requestID":"[^"]*"/, with: #""requestID":"0""#)
                .replacing(/"eventTime":"[^"]*"/, with: #""eventTime":"2026-11-26T17:18:00Z""#)
            lines.insert(RecordedFolder.line(other), at: 1)
        },
        .lines("a finding was removed", at: 1, findings) { lines in
            let text = try PercentEncoding.decode(lines[6]["record"].text)
            lines[0]["records"] = .integer(7)
            lines.append(
                RecordedFolder.line(
                    text.replacing(/"eventID":"[^"]*"/, with: #""eventID":"0""#)
                        .replacing("2026-11-26T17:19:5", with: "2026-11-26T17:20:0")))
        },
        .lines("a finding was made up", at: 1, findings) { lines in
            lines[0]["findings"] = .array([.object(["kind": "missing", "line": .integer(4), "operation": "CreateKey"])])
        },
        .event("it was another caller", at: 1, calls, of: 3, "user/rehearsal", "user/mallory"),
        .event("it was another time", at: 1, calls, of: 3, "26T17:19", "26T17:09"),
        .event(
            "it was another key", at: 1, calls, of: 3, "eu-central-1:111122223333:key/",
            "eu-central-1:111122223333:key/0"),
        .event("it was another request", at: 1, calls, of: 3, #""requestID":""#, #""requestID":"0"#),
        .event(
            "it is of another Region", at: 1, calls, of: 3, #""awsRegion":"eu-central-1""#, #""awsRegion":"us-east-1""#),
        .event(
            "it is of no account", at: 1, calls, of: 3, #""recipientAccountId":"111122223333""#,
            #""recipientAccountId":null"#),
        .lines("somebody else rotated", at: 1, calls) {
            try rotate(&$0, #"AWS Internal""#, #"AWS Internal","arn":"mallory""#)
        },
        .lines("a rotation has a request id", at: 1, calls) {
            try rotate(&$0, #""eventName":"RotateKey""#, #""eventName":"RotateKey","requestID":"0""#)
        },
        .event(
            "it expires", at: 1, calls, of: 3, "KEY_MATERIAL_DOES_NOT_EXPIRE",
            #"KEY_MATERIAL_EXPIRES","validTo":"May 21, 2027, 5:47:45 AM"#),
        .event(
            "its expiry is a number", at: 1, findings, of: 3,
            #""expirationModel":"#, #""validTo":1810000000,"expirationModel":"#),
        .lines("it says to be of the first format, and what it found is not", at: 1, findings) { lines in
            lines[0]["schema"] = "keyrite.reconciliation/1"
            lines[0]["findings"] = .array([
                .object([
                    "event": lines[3]["sha256"], "id": "0", "in": "expiry", "kind": "differs", "line": .integer(23),
                    "operation": "ImportKeyMaterial",
                ])
            ])
        },
        .event("it has another id", at: 1, calls, of: 3, #""eventID":""#, #""eventID":"0"#),
        .event(
            "it is of another account", at: 4, "it is not about this ceremony", of: 3, #""recipientAccountId":"1"#,
            #""recipientAccountId":"2"#),
        .event(
            "it has a name twice", at: 4, noEvent, of: 3, #""eventName":"#, #""event\u004eame":"Decrypt","eventName":"#),
        .event("it is no JSON", at: 4, noEvent, of: 3, #""managementEvent":true"#, #""managementEvent":nan"#),
        .event(
            "a text is a number", at: 4, noEvent, of: 3, #""recipientAccountId":"111122223333""#,
            #""recipientAccountId":111122223333"#),
        .event("its time is none", at: 4, noEvent, of: 3, #"Z","eventType""#, #"","eventType""#),
        .event("its month is none", at: 4, noEvent + "its eventTime is no time", of: 3, "2026-11-26T", "2026-13-26T"),
        .lines("AWS's record was seen in no month", at: 1, "") { $0[0]["asOf"] = "2026-13-01T00:00:00Z" },
        .lines("its window begins in no month", at: 1, "") { $0[0]["window"]["from"] = "2026-13-01T00:00:00Z" },
        .event("it is a list", at: 4, noEvent, of: 3, #"{"awsRegion""#, #"[],{"awsRegion""#),
        .lines("its hash is another", at: 3, "its record has another SHA-256 than it says") {
            $0[2]["sha256"] = .string(String(repeating: "0", count: 64))
        },
        .lines("a byte is encoded that need not be", at: 3, "") {
            $0[2]["record"] = .string($0[2]["record"].text.replacing("{", with: "%7B", maxReplacements: 1))
        },
        .lines("it is of another ceremony", at: 1, other) { $0[0]["ceremony"] = "2026-11-26-00000000" },
        .lines("it has the head of another transcript", at: 1, other) {
            $0[0]["head"] = .string(String(repeating: "0", count: 64))
        },
        .lines("it has another length", at: 1, other) { $0[0]["lines"] = .integer(41) },
        .lines("it is of another schema", at: 1, "") { $0[0]["schema"] = "keyrite.reconciliation/3" },
        .lines("AWS's record was seen too early", at: 1, "AWS could still be about to deliver something") {
            $0[0]["asOf"] = "2026-11-26T17:34:00Z"
        },
        .lines("AWS's record was seen before an event", at: 2, "it happened after AWS's record was seen") {
            $0[0]["asOf"] = "2026-11-26T17:00:00Z"
        },
        .lines("fewer events were read than there are", at: 1, "it has more events than it says were read") {
            $0[0]["records"] = .integer(5)
        },
        .lines("its window is another", at: 1, "its result, time, account or Region is not what follows") {
            $0[0]["window"]["until"] = "2026-11-26T17:20:52Z"
        },
        .lines("its Region is another", at: 1, "its result, time, account or Region is not what follows") {
            $0[0]["region"] = "eu-west-1"
        },
        .lines("a call stands otherwise", at: 1, calls) {
            var call = $0[0]["calls"].elements
            call[5]["standing"] = "not-seen"
            $0[0]["calls"] = .array(call)
        },
        .bytes("there is an unknown key", at: 1, "", #","asOf":"#, #","anything":1,"asOf":"#),
        .bytes("there is an unknown key beside an event", at: 2, "", #"{"record":"#, #"{"anything":1,"record":"#),
        .bytes("a line ends as on Windows", at: 1, "", "}\n", "}\r\n"),
        .bytes("a number is no integer", at: 1, "", #""records":6"#, #""records":6.0"#),
        Forgery("something follows the last line", at: 8, "the last line does not end") { copy in
            try copy.folder.write(
                try copy.folder.read(ReconciliationFile.path) + [UInt8(ascii: "{")], to: ReconciliationFile.path)
        },
        Forgery("it is too large", at: nil, "it is over 128 MiB") {
            try $0.folder.truncate(ReconciliationFile.path, to: 128 << 20 + 1)
        },
        Forgery("it has too many events", at: 200_002, "it has over 200000 events") { copy in
            let lines = Array(repeatElement(Array("{}\n".utf8), count: 200_000).joined())
            try copy.folder.append(lines, to: ReconciliationFile.path)
        },
        Forgery("a line is too long", at: 8, "the line is over 16 MiB") { copy in
            let line = [UInt8](repeating: UInt8(ascii: "a"), count: 16 << 20 + 1) + [UInt8(ascii: "\n")]
            try copy.folder.append(line, to: ReconciliationFile.path)
        },
        .event(
            "it is longer than an event is", at: 4, noEvent + "it is over 256 KiB", of: 3, #""managementEvent":true"#,
            #""managementEvent":true,"x":""# + String(repeating: "%", count: 256 << 10) + "\""),
        .event(
            "a text is longer than AWS's", at: 4, noEvent + "one of its texts is over 2048 bytes", of: 3,
            #""requestID":""#, #""requestID":""# + String(repeating: "0", count: 2048)),
        Forgery("it is empty", at: 1, "the last line does not end") {
            try $0.folder.write([], to: ReconciliationFile.path)
        },
        Forgery("the transcript is not closed", at: nil, "a ceremony has no such file") { copy in
            let lines = try copy.folder.read(Transcript.path)
            let end = try #require(lines.dropLast().lastIndex(of: UInt8(ascii: "\n")))
            try copy.folder.write(Array(lines[...end]), to: Transcript.path)
        },
    ]

    /// All in a long run, some of each kind in every.
    private static var tried: [Forgery] {
        let isLong = ProcessInfo.processInfo.environment["KEYRITE_TEST_SEEDS"] != nil
        let always = [
            "it was another caller", "it was another time", "it is of another Region", "it is of no account",
            "it expires", "its expiry is a number", "it says to be of the first format, and what it found is not",
            "somebody else rotated", "a rotation has a request id", "a finding was removed", "an event was repeated",
            "it has a name twice", "it is no JSON", "its month is none", "AWS's record was seen in no month",
            "it is too large", "it has too many events", "a line is too long",
        ]
        if isLong { return forgeries }
        return always.map { name in
            forgeries.first { $0.name == name } ?? Forgery(name, at: nil, "") { _ in throw NoSuchForgery(name: name) }
        }
    }

    /// A name that is mistyped would try nothing.
    private struct NoSuchForgery: Error {
        let name: String
    }

    @Test("is refused by both verifiers when it was forged, in the same words", arguments: tried)
    func forged(_ forgery: Forgery) async throws {
        try await RecordedFolder.with { copy in
            try forgery.change(copy)
            try await copy.expectRefusal(at: forgery.place, forgery.words)
        }
    }
}
