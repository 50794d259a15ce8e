import CryptoPrimitives
import Evidence
import Room
import Testing

extension Tampering {
    @Suite("What no clock, no KMS and no HSM gives is refused by both verifiers, whoever signed it", .serialized)
    struct ForgedLimitsTests {
        @Test("no call is another's for an id that both lack, and clocks may be five minutes apart")
        func within() async throws {
            try await withCopy { copy in
                try await copy.expectVerified { forger in
                    for fetched in forger.lines.indices where forger.lines[fetched].kind == "fetched" {
                        forger.lines[fetched].body["request"] = "unknown"
                        forger.lines[fetched].body["validUntil"] = try forger.time(at: fetched, later: 24 * 3600 + 300)
                    }
                    let release = try forger.index("gate-opened", ["gate": "release"])
                    let first = forger.lines[try forger.index("fetched")].body["validUntil"]
                    forger.lines[release].body["subject"]["release"]["deadline"] = first
                }
            }
        }

        @Test("a transcript has at most 50,000 lines, and one with more is not looked at", arguments: [50_000, 50_001])
        func lines(_ count: Int) async throws {
            try await withCopy { copy in
                let lines = try Transcript(parsing: try copy.folder.read(Transcript.path)).lines.count
                try copy.change(Transcript.path) { bytes in
                    bytes += Array(repeating: UInt8(ascii: "\n"), count: count - lines)
                }
                let judgement = try await copy.judged(inTheSameWords: count > Transcript.mostLines)
                #expect(judgement.word == "REFUSED")
                #expect(judgement.reason.contains("50,000") == (count > Transcript.mostLines))
                #expect(judgement.place == "transcript.jsonl:\(count > Transcript.mostLines ? count : lines + 1)")
            }
        }

        @Test("a limit is passed", arguments: Forgery.ofLimits)
        func passed(_ forgery: Forgery) async throws {
            try await withCopy { try await $0.expectRefusal(of: forgery, inTheSameWords: true) }
        }
    }
}

extension Forgery {
    static let ofLimits = [
        Forgery("a statement from before it was opened", "its statement counts from long before it was opened") {
            forger in
            let opened = try forger.index("gate-opened", ["gate": "release"])
            forger.lines[opened].body["validity"]["from"] = try forger.time(at: opened, later: -301)
            return .line(opened)
        },
        Forgery("an import by a token that was over", "it was intended after the import token was over") { forger in
            let until = try forger.time(at: try forger.index("wrap-intended"), later: 10)
            let release = try forger.index("gate-opened", ["gate": "release"])
            for index in forger.lines.indices where forger.lines[index].kind == "fetched" {
                forger.lines[index].body["validUntil"] = until
            }
            forger.lines[release].body["subject"]["release"]["deadline"] = until
            forger.lines[release].body["validity"]["until"] = until
            for index in forger.lines.indices where index >= (try forger.index("import-intended")) {
                let later = try forger.time(at: index, later: 600)
                forger.lines[index].at = later.text
                if forger.lines[index].kind == "gate-opened" { forger.lines[index].body["validity"]["from"] = later }
            }
            return .line(try forger.index("imported"))
        },
        Forgery("new material that is the old", "new material with the id of the current one") { forger in
            let imported = try forger.index("imported")
            let intended = try forger.index("rotate-intended")
            try forger.replace(
                forger.lines[imported].body["material"].text, by: forger.lines[intended].body["from"].text)
            return .line(imported)
        },
        Forgery("material that KMS did not name", "material with an id that KMS gives none") { forger in
            let imported = try forger.index("imported")
            try forger.replace(forger.lines[imported].body["material"].text, by: "none")
            return .line(imported)
        },
        pair("one token twice", "token", "one import token for two fetches"),
        pair("one call's id for two", "request", "one request id for two calls"),
        Forgery("one call's id for a fetch and an import", "one request id for two calls") { forger in
            let imported = try forger.index("imported")
            let fetched = forger.lines[try forger.index("fetched")].body["request"]
            forger.lines[imported].body["learned"]["request"] = fetched
            return .line(imported)
        },
        Forgery("a token for longer than KMS gives", "for longer than the 24 hours that KMS gives") { forger in
            // The release's deadline is the first one's.
            let fetched = try forger.index("fetched", ["purpose": "proof"])
            forger.lines[fetched].body["validUntil"] = try forger.time(at: fetched, later: 24 * 3600 + 301)
            return .line(fetched)
        },
        Forgery("check values that are none", "check values that are not 3 bytes in hex each") { forger in
            let generated = try forger.index("generated")
            forger.lines[generated].body["checkValues"]["ecb"] = "zzz"
            return .line(generated)
        },
        Forgery("a commitment to nothing", "a commitment of nothing but zeros") { forger in
            let generated = try forger.index("generated")
            forger.lines[generated].body["commitment"] = .string(String(repeating: "0", count: 32))
            return .line(generated)
        },
        Forgery("rotations that were taken back", "a rotation after fewer than the plan counted") { forger in
            try forger.countRotation()
            return .line(try forger.index("rotate-intended"))
        },
    ]

    /// The proof's fetch has what the import's has.
    private static func pair(_ name: String, _ member: String, _ reason: String) -> Forgery {
        Forgery(name, reason) { forger in
            let fetched = ["import", "proof"].compactMap { try? forger.index("fetched", ["purpose": .string($0)]) }
            let texts = fetched.map { forger.lines[$0].body[member].text }
            try forger.replace(texts[1], by: texts[0])
            return .line(try #require(fetched.max()))
        }
    }
}

extension Forger {
    /// So many seconds after the time of a line.
    fileprivate func time(at index: Int, later seconds: Int64) throws -> JSONValue {
        .string(try #require(Timestamp(lines[index].at)).advanced(bySeconds: seconds).description)
    }

    /// Puts one text in another's place, in whatever line says it.
    fileprivate mutating func replace(_ text: String, by other: String) throws {
        for index in lines.indices {
            let body = String(decoding: try CanonicalJSON.encode(lines[index].body), as: UTF8.self)
            lines[index].body = try CanonicalJSON.parse(Array(body.replacing("\"\(text)\"", with: "\"\(other)\"").utf8))
        }
    }

    /// The same ceremony under a plan that counts a rotation more than there were.
    fileprivate mutating func countRotation() throws {
        var plan = try CanonicalJSON.parse(try copy.folder.read(Plan.path))
        plan["slots"][0]["rotationsUsed"] = .integer(try plan["slots"][0]["rotationsUsed"].number + 1)
        let bytes = try CanonicalJSON.encode(plan)
        try copy.folder.write(bytes, to: Plan.path)
        let digest = SHA256Digest(of: bytes).hex
        for index in lines.indices where ["run-started", "gate-opened"].contains(lines[index].kind) {
            lines[index].body["plan"] = .string(digest)
        }
        lines[try index("gate-opened", ["gate": "authorize"])].body["subject"]["authorize"]["slots"] = plan["slots"]
    }
}
