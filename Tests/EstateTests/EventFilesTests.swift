import Estate
import Evidence
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Exported events")
struct EventFilesTests {
    private func records(in bytes: [UInt8], pieces: Int) throws -> [String] {
        var scanner = RecordScanner()
        var records: [String] = []
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            let piece = Array(bytes[start..<min(start + pieces, bytes.count)])
            try piece.withUnsafeBytes { piece in
                try scanner.push(piece) { records.append(String(decoding: $0, as: UTF8.self)) }
            }
        }
        try scanner.end()
        return records
    }

    @Test(
        "are the same records wherever a piece ends: lists, lines, one after the other, nested, escaped, none",
        arguments: [
            (#"{"Records":[{"a":"x"},{"b":{"c":[{"d":1}]}}]}"#, [#"{"a":"x"}"#, #"{"b":{"c":[{"d":1}]}}"#]),
            (#"{"Events":[{"a":1}],"NextToken":"t"}"# + "\n" + #"{"NextToken":null,"Events":[]}"#, [#"{"a":1}"#]),
            (
                #"{"a":"}\"]{"}"# + "\n" + #"{"resources":[{"x":"\\"}]}"#,
                [#"{"a":"}\"]{"}"#, #"{"resources":[{"x":"\\"}]}"#]
            ),
            (
                #" {"NextToken":null, "Records" : [ {"a":[]} , {"Records":[{"b":2}]} ] } "#,
                [#"{"a":[]}"#, #"{"Records":[{"b":2}]}"#]
            ),
            ("{\"é\":\"日本\"}", ["{\"é\":\"日本\"}"]),
            ("", []),
        ])
    func records(text: String, expected: [String]) throws {
        for pieces in [1, 2, 3, 5, 7, 1000] {
            #expect(try records(in: Array(text.utf8), pieces: pieces) == expected)
        }
    }

    @Test(
        "that are cut off, garbled, endless or nested without end are refused with the place",
        arguments: [
            #"{"Records":[{"a":1}"#, #"{"Records":[{"a":1}]]"#, #"{"a":1]}"#, #"[{"a":1}]"#, "<html>", #"{"a":1} x"#,
            "\"{}\"", #"{"a":"#,
            #"{"Events":[{"a":1}],"NextToken":"t"}"#, #"{"NextToken":"t","Events":[]}"#, #"{"Records":["x"]}"#,
            #"{"Records":[[{"a":1}]]}"#, #"{"Records":[5]}"#,
            String(repeating: "{\"a\":", count: 65) + String(repeating: "}", count: 65),
            "{\"a\":\"" + String(repeating: "x", count: 1 << 20) + "\"}",
        ])
    func malformed(text: String) throws {
        #expect(throws: RecordScanner.Malformed.self) { try records(in: Array(text.utf8), pieces: 1 << 16) }
    }

    @Test("packed by gzip are read, many members as one, from whole folders; what is none of them is told")
    func packed() async throws {
        try await withTemporaryFolder { folder in
            let ceremony = try ExampleCeremony()
            let texts = try ceremony.events().map { try $0.text() }
            let day = folder.appending(path: "AWSLogs/111122223333/CloudTrail/eu-central-1/2026/11/26")
            let digests = folder.appending(path: "AWSLogs/111122223333/CloudTrail-Digest/eu-central-1")
            for folder in [day, digests] {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            }
            let first = try await runProcess(
                ["gzip", "-c"], input: Array(#"{"Records":[\#(texts[0]),\#(texts[1])]}"#.utf8))
            let second = try await runProcess("gzip", ["-c"], input: Array(#"{"Records":[\#(texts[2])]}"#.utf8))
            try Data(first.stdout + second.stdout).write(to: day.appending(path: "a.json.gz"))
            let wrapped = try JSONSerialization.data(
                withJSONObject: ["Events": texts[3...].map { ["EventName": "x", "CloudTrailEvent": $0] }])
            try wrapped.write(to: day.appending(path: "b.json"))
            try Data("{}".utf8).write(to: digests.appending(path: "c.json.gz"))
            try Data("hello".utf8).write(to: folder.appending(path: "notes.txt"))
            let files = try EventFiles(at: [folder.path])
            #expect(files.paths.map { $0.split(separator: "/").last } == ["a.json.gz", "b.json"])
            #expect(files.leftOut.map(\.path) == [files.paths[0].replacing(/AWSLogs.*/, with: "notes.txt")])
            var reconciliation = try #require(Reconciliation(of: ceremony.record))
            let read = try reconciliation.read(files)
            #expect(read.records == 6)
            #expect(read.unreadable.map(\.reason) == ["not read: its name is none of CloudTrail's"])
            #expect(read.newest == Timestamp("2026-11-26T17:19:51Z"))
            let report = reconciliation.report(asOf: try #require(Timestamp("2026-11-27T00:00:00Z")))
            #expect(report.findings.isEmpty && report.calls.count == 6)
        }
    }

    @Test("whose gzip is cut off or damaged anywhere are refused, and never taken for all there is")
    func damaged() async throws {
        try await withTemporaryFolder { folder in
            let ceremony = try ExampleCeremony()
            let text = try ceremony.events().map { try $0.text() }.joined(separator: "\n")
            let whole = try await runProcess("gzip", ["-c"], input: Array(text.utf8)).stdout
            let path = folder.appending(path: "events.json.gz")
            for cut in stride(from: 3, to: whole.count, by: 7) {
                try Data(whole[..<cut]).write(to: path)
                #expect(throws: EstateError.self) { try readAll(path.path) }
            }
            // Behind the header, whose time and system nobody checks; the checksum covers the rest.
            for place in stride(from: 12, to: whole.count, by: 11) {
                var damaged = whole
                damaged[place] ^= 0x10
                try Data(damaged).write(to: path)
                #expect(throws: (any Error).self) { try readAll(path.path) }
            }
        }
    }

    @Test("in files of no bytes, or of another form than their name says, are unreadable, and not none")
    func empty() async throws {
        try await withTemporaryFolder { folder in
            let ceremony = try ExampleCeremony()
            let text = Array(#"{"Records":[\#(try ceremony.events()[0].text())]}"#.utf8)
            let nothing = try await runProcess("gzip", ["-c"], input: []).stdout
            for (name, bytes) in [
                ("a.json", text), ("b.json.gz", []), ("c.json", []), ("d.json.gz", nothing), ("e.json.gz", text),
                ("f.json", Array(" \n".utf8)), ("g.json.gz", [0x1F]), ("h.json", Array(#"{"Records":[]}"#.utf8)),
            ] {
                try Data(bytes).write(to: folder.appending(path: name))
            }
            var reconciliation = try #require(Reconciliation(of: ceremony.record))
            let read = try reconciliation.read(try EventFiles(at: [folder.path]))
            #expect(read.records == 1)
            #expect(
                read.unreadable.map { $0.path.suffix($0.path.hasSuffix(".gz") ? 9 : 6) } == [
                    "b.json.gz", "c.json", "d.json.gz", "e.json.gz", "f.json", "g.json.gz",
                ])
            #expect(read.unreadable.allSatisfy { $0.reason.hasPrefix("not read: ") })
            let alone = try reconciliation.read(try EventFiles(at: [folder.appending(path: "b.json.gz").path]))
            #expect(alone.unreadable.map(\.reason) == ["not read: it is empty; fetch it again"])
        }
    }

    @Test("behind a link, a pipe or an empty folder are never passed over in silence")
    func links() async throws {
        try await withTemporaryFolder { folder in
            let events = folder.appending(path: "events")
            let linked = folder.appending(path: "linked")
            try FileManager.default.createDirectory(at: events, withIntermediateDirectories: true)
            try Data(try ExampleCeremony().events()[0].bytes()).write(to: events.appending(path: "a.json"))
            try FileManager.default.createSymbolicLink(at: linked, withDestinationURL: events)
            #expect(try EventFiles(at: [linked.path]).paths.count == 1)
            try FileManager.default.createSymbolicLink(
                at: events.appending(path: "b.json"), withDestinationURL: URL(filePath: "/etc/passwd"))
            #expect(try EventFiles(at: [events.path]).leftOut.count == 1)
            let empty = folder.appending(path: "empty")
            try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
            #expect(throws: EstateError.self) { try EventFiles(at: [events.path, empty.path]) }
            let pipe = folder.appending(path: "pipe.json").path
            try #require(mkfifo(pipe, 0o600) == 0)
            #expect(throws: EstateError.self) { try readAll(pipe) }
            let name = folder.appending(path: "\u{1b}]0;x\u{7}.json").path
            try Data("{".utf8).write(to: URL(filePath: name))
            let error = #expect(throws: EstateError.self) { try readAll(name) }
            #expect(error?.description.contains("\u{1b}") == false)
        }
    }

    @Test("of other services are passed over, however they are written; the same name in two spellings is not")
    func otherServices() throws {
        let text = try ExampleCeremony().events()[0].text()
        let foreign = #"{"eventSource":"sqs.amazonaws.com","requestParameters":{"tags":{"R\u0026D":"x"},"keyId":5}}"#
        #expect(!AWSEvent.canBeOfKMS(Array(foreign.utf8)))
        #expect(AWSEvent.canBeOfKMS(Array(text.utf8)) && AWSEvent.canBeOfKMS(Array("{".utf8)))
        let escaped = text.replacing(#""keyId":"#, with: #""a\u003db":1,"keyId":"#)
        #expect(try AWSEvent(Array(escaped.utf8)).name == "GetParametersForImport")
    }

    private func readAll(_ path: String) throws {
        try EventFiles(at: [path]).read { _, _, _ in }
    }

    @Test(
        "that are not as AWS writes them are unreadable, each with why",
        arguments: [
            ("eventTime", "yesterday" as any Sendable), ("eventID", 7), ("userIdentity", [String: String]()),
            ("requestID", 5),
            ("requestParameters", ["keyId": 5]), ("eventName", String(repeating: "x", count: 2049)),
        ])
    func unreadable(member: String, value: any Sendable) throws {
        var event = try ExampleCeremony().events()[0]
        event[member] = value
        let bytes = try event.bytes()
        #expect(throws: AWSEvent.Malformed.self) { try AWSEvent(bytes) }
    }

    @Test(
        "that say a thing twice, openly or disguised, are unreadable",
        arguments: [#""eventName":"Decrypt","#, #""event\u004eame":"Decrypt","#])
    func twice(member: String) throws {
        let text = try ExampleCeremony().events()[0].text()
        #expect(throws: AWSEvent.Malformed.self) {
            try AWSEvent(Array(("{" + member + text.dropFirst()).utf8))
        }
    }

    @Test(
        "that say twice of which service they are, or what AWS listed, are never passed over",
        arguments: [
            #"{"eventSource":"s3.amazonaws.com","#, #"{"event\u0053ource":"s3.amazonaws.com","#,
            #"{"CloudTrailEvent":"{\"eventSource\":\"s3.amazonaws.com\"}","CloudTrailEvent":"","#,
        ])
    func twiceInFiles(members: String) async throws {
        let ceremony = try ExampleCeremony()
        let stranger = try ceremony.stranger("ImportKeyMaterial").text()
        let before = members + stranger.dropFirst()
        // The other order: what is said last is another service's.
        let after = stranger.dropLast() + "," + members.dropFirst().dropLast() + "}"
        #expect(try await read([before, String(after)], of: ceremony).unreadable == 2)
    }

    @Test("that are an event and a listed one at once are looked at as both; twice told of other services, as none")
    func both() async throws {
        let ceremony = try ExampleCeremony()
        let stranger = ceremony.stranger("ImportKeyMaterial")
        let foreign = #"{"eventSource":"sqs.amazonaws.com","eventName":"CreateGrant","x":1,"x":2}"#
        #expect(try await read([foreign], of: ceremony) == (0, 0))
        var other = stranger
        other["eventSource"] = "s3.amazonaws.com"
        for (outer, inner) in [(stranger, other), (other, stranger)] {
            var both = outer
            both["CloudTrailEvent"] = try inner.text()
            #expect(try await read([try both.text()], of: ceremony) == (0, 1))
        }
    }

    /// How many of a file's records cannot be read, and how many are of nothing that the transcript knows.
    private func read(
        _ records: [String], of ceremony: ExampleCeremony
    ) async throws -> (unreadable: Int, unexpected: Int) {
        var reconciliation = try #require(Reconciliation(of: ceremony.record))
        return try await withTemporaryFolder { folder in
            let file = folder.appending(path: "events.json")
            try Data(#"{"Records":[\#(records.joined(separator: ","))]}"#.utf8).write(to: file)
            let read = try reconciliation.read(try EventFiles(at: [file.path]))
            let report = reconciliation.report(asOf: try #require(Timestamp("2026-11-27T00:00:00Z")))
            return (read.unreadable.count, report.findings.count { $0.kind == .unexpected })
        }
    }

    @Test("that are looked at only briefly are those that are about nothing here")
    func glance() throws {
        let names: Set = ["ImportKeyMaterial"]
        func canBe(_ text: String) -> Bool { Array(text.utf8).withUnsafeBytes { RecordGlance($0).canBe(names) } }
        #expect(!canBe(#"{"eventName":"Decrypt"}"#))
        #expect(!canBe(#"{"eventName" : "Decrypt", "x": {"eventName": "Encrypt"}}"#))
        #expect(canBe(#"{"eventName": "ImportKeyMaterial"}"#))
        #expect(canBe(#"{"x":{"eventName":"Decrypt"},"eventName":"ImportKeyMaterial"}"#))
        #expect(canBe(#"{"event\u004eame":"Decrypt"}"#))
        #expect(canBe(#"{"EventName":"Decrypt","CloudTrailEvent":"{\"eventName\":\"Decrypt\"}"}"#))
        #expect(canBe(#"{"eventName":5}"#))
    }
}
