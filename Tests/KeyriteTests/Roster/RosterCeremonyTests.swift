import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Glibc
import PKCS11
import Room
import TestSupport
import Testing

@Suite("Rosters of people with tokens, and a ceremony that is held by a later one")
struct RosterCeremonyTests {
    @Test(
        "enrolled from tokens, accepted unasked and in person, changed, and held to: both verifiers take either digest")
    func held() async throws {
        try await CeremonyRoom.with { room in
            let desk = RosterDesk(base: room.base)
            try await enrol(room, desk)
            try await acceptInPerson(room, folder: desk.path("one"), as: "wendy", word: "accept")
            let first = try await desk.digest("one")
            #expect(try await desk.keyrite("verify", desk.path("one"), "--roster", first).status == 0)

            try await desk.makeKey("eve")
            try desk.write("two.yaml", try await members(of: room) + member("eve", "auditor", "keyFile: eve.pub"))
            let changed = try await desk.keyrite(
                "change", desk.path("one"), "--definition", desk.path("two.yaml"), "--out", desk.path("two"))
            #expect(changed.status == 0, "\(changed.stderrText)")
            #expect(try await desk.accept("two", as: "eve").status == 0)
            try await acceptUnasked(room, desk.path("two"), "ben")
            let ceremony = YAMLTests.definition.replacing("alias/payments", with: CeremonyRoom.alias)
            try Data(ceremony.utf8).write(to: room.base.appending(path: "early.yaml"))
            let early = try await CeremonyRoom.keyrite([
                "plan", "--definition", desk.path("early.yaml"), "--site", room.room.siteFile, "--roster",
                desk.path("two"), "--out", room.ceremony,
            ])
            #expect(early.status == 2)
            #expect(early.stderrText.contains("its change misses 1 of role custodian in roster 1"))
            try await acceptInPerson(room, folder: desk.path("two"), as: "carol", word: "change")

            try await room.plan(rosterFolder: desk.path("two"))
            try await room.holdPlanned()
            for (number, digest) in [(1, first), (2, try await desk.digest("two"))] {
                let ours = try await CeremonyRoom.keyrite(["verify", room.ceremony, "--roster", digest])
                #expect(ours.status == 0, "\(ours.stdoutText)")
                #expect(ours.stdoutText.contains("roster \(number) of 2 "))
                let script = try await runProcess("dash", [TamperedFolder.script, room.ceremony, "--roster", digest])
                #expect(script.status == 0, "\(script.stdoutText)")
                #expect(script.stdoutText == ours.stdoutText)
                #expect(ours.stdoutText.contains("by the roster that you named") == (number == 2))
                #expect(ours.stdoutText.contains("by roster 2, and is closed. You named roster 1") == (number == 1))
            }
            let other = try await CeremonyRoom.keyrite(["verify", room.ceremony, "--roster", room.rosterDigest])
            #expect(other.status == 4, "the room's own roster is another chain's")
        }
    }

    @Test("nobody accepts without a terminal, by Enter, by another word, or with another's token")
    func refused() async throws {
        try await CeremonyRoom.with { room in
            let desk = RosterDesk(base: room.base)
            try await enrol(room, desk)
            let before = try snapshot(of: room.base.appending(path: "one"))
            let site = room.room.siteFile
            let silent = try await desk.keyrite("accept", desk.path("one"), "--as", "wendy", "--site", site)
            #expect(silent.status == 2)
            #expect(silent.stderrText.contains("There is no terminal to ask at"))
            let hasty = try attendant(room, folder: desk.path("one"), as: "wendy")
            defer { hasty.terminal.signal(SIGKILL) }
            try await hasty.expect("Page 1 of ")
            hasty.terminal.type("e")
            try await hasty.expect("Enter: go on")
            hasty.terminal.type("\n")
            for _ in 0..<2 {
                try await hasty.expect("You have seen ")
                try await hasty.answer("accept, read or back: ", "accept")
                try await hasty.expect("That signs nothing yet: type read, and read the others first.")
            }
            try await hasty.answer("accept, read or back: ", "back")
            #expect(try await hasty.terminal.end().status == 1)
            let undecided = try attendant(room, folder: desk.path("one"), as: "wendy")
            defer { undecided.terminal.signal(SIGKILL) }
            _ = try await undecided.leafText()
            for typed in ["", "yes", "change", "Accept"] {
                try await undecided.answer("accept, read or back: ", typed)
                try await undecided.expect("signs nothing")
            }
            try await undecided.answer("accept, read or back: ", "back")
            #expect(try await undecided.terminal.end().status == 1)
            #expect(undecided.terminal.words.contains("Nothing was signed"))
            // A site that gives wendy ben's token.
            let text = try String(contentsOfFile: site, encoding: .utf8)
            let tokens = try ["wendy", "ben"].map { try #require(room.room.site.signers[$0]) }
            try Data(text.replacing(tokens[0], with: tokens[1]).utf8).write(to: room.base.appending(path: "other.yaml"))
            let other = try await desk.keyrite(
                "accept", desk.path("one"), "--as", "wendy", "--site", room.base.path + "/other.yaml", "--auto")
            #expect(other.status == 1)
            #expect(other.stderrText.contains("This is not wendy's token, as the roster knows it: token keyrite-ben"))
            // In person: they learn of it before the PIN is asked for.
            let mistaken = try Attendant(
                ["roster", "accept", desk.path("one"), "--as", "wendy", "--site", room.base.path + "/other.yaml"],
                room: room.room.root)
            defer { mistaken.terminal.signal(SIGKILL) }
            _ = try await mistaken.leafText()
            try await mistaken.answer("accept, read or back: ", "accept")
            #expect(try await mistaken.terminal.end().status == 1)
            #expect(!mistaken.terminal.words.contains("PIN: "), "\(mistaken.terminal.shown)")
            #expect(mistaken.terminal.words.contains("This is not wendy's token"))
            #expect(try snapshot(of: room.base.appending(path: "one")) == before)
        }
    }

    @Test("a token that shows its public key to its owner alone is asked for the PIN, once, at the terminal")
    func hiddenKey() async throws {
        try await CeremonyRoom.with { room in
            let made = try await hideKey(of: "wendy", in: room)
            let arguments = ["roster", "key", "--site", room.room.siteFile, "--as", "wendy"]
            let silent = try await CeremonyRoom.keyrite(arguments)
            #expect(silent.status == 2)
            #expect(silent.stdout.isEmpty)
            #expect(silent.stderrText.contains("There is no terminal to ask at"))
            let wrong = try Attendant(arguments, room: room.room.root)
            defer { wrong.terminal.signal(SIGKILL) }
            try await wrong.answer("PIN: ", "1234567")
            #expect(try await wrong.terminal.end().status == 1)
            #expect(wrong.terminal.words.contains("The PIN is wrong"), "\(wrong.terminal.shown)")
            let wendy = try Attendant(arguments, room: room.room.root)
            defer { wendy.terminal.signal(SIGKILL) }
            try await wendy.answer("PIN: ", try wendy.pin(of: "wendy"))
            let ended = try await wendy.terminal.end()
            #expect(ended.status == 0, "\(wendy.terminal.shown)")
            #expect(ended.output == made.line + "\n")
            // Until the key is shown, no PIN goes there for a signature: it could be anybody's token.
            #expect(wendy.terminal.words.contains("signs nothing"), "\(wendy.terminal.shown)")
            let person = try #require(try room.roster.member(named: "wendy"))
            let listed = try ListedKey(
                of: Member(
                    name: "wendy", role: .witness, key: made.line, validFrom: person.validFrom,
                    validUntil: person.validUntil))
            let signer = AskedPINSigner(
                site: room.room.site, name: "wendy", listed: listed, admit: AskedPINSigner.noRisk
            ) { token, _ in
                Issue.record("the PIN of \(token) was asked for")
                throw CocoaError(.userCancelled)
            }
            let error = await #expect(throws: CeremonyError.self) { try await signer.sign([1], namespace: "none") }
            #expect(error?.what.contains("shows no public key labelled signing before its PIN") == true)
        }
    }

    /// Gives a token another key pair, whose public half is as hidden as the private one.
    private func hideKey(of name: String, in room: CeremonyRoom) async throws -> SSHPublicKey {
        guard case .socket(let socket) = room.room.site.module, let uri = room.room.site.signers[name] else {
            throw CocoaError(.featureUnsupported)
        }
        let slot = try Module.remote(socket: socket).slot(of: try PKCS11URI(parsing: uri))
        let session = try slot.openSession()
        try await session.login(pin: try RehearsalTokens.pin(for: try slot.tokenInfo()))
        let label = RehearsalTokens.signingKeyLabel
        for object in try await session.findObjects([.label(label)]) { try await session.destroy(object) }
        let hidden = KeyTemplates.signingPublicKey(label: label, id: [1]).filter { $0.type != .private }
        let pair = try await session.generateP256(
            publicTemplate: hidden + [Attribute(.private, true)],
            privateTemplate: KeyTemplates.signingPrivateKey(label: label, id: [1]))
        let key = try await session.p256PublicKey(of: pair.publicKey)
        try await session.logout()
        try await session.close()
        return .ecdsaP256(key)
    }

    /// Makes the roster `one` of the room's people from their tokens, which all but wendy accept.
    private func enrol(_ room: CeremonyRoom, _ desk: RosterDesk) async throws {
        try desk.write("one.yaml", try await members(of: room))
        let made = try await desk.keyrite("new", "--definition", desk.path("one.yaml"), "--out", desk.path("one"))
        try #require(made.status == 0, "\(made.stderrText)")
        for name in ["ada", "ben", "carol", "dan"] { try await acceptUnasked(room, desk.path("one"), name) }
    }

    /// The members of a definition, with the keys that `keyrite roster key` shows.
    private func members(of room: CeremonyRoom) async throws -> String {
        var text = ""
        for person in try room.roster.members {
            let shown = try await CeremonyRoom.keyrite([
                "roster", "key", "--site", room.room.siteFile, "--as", person.name,
            ])
            try #require(shown.status == 0, "\(shown.stderrText)")
            #expect(shown.stdoutText == person.key + "\n")
            #expect(shown.stderrText.contains(try person.publicKey().fingerprint))
            text += member(person.name, person.role.rawValue, "key: \(person.key)")
        }
        return text
    }

    private func member(_ name: String, _ role: String, _ key: String) -> String {
        "  - {name: \(name), role: \(role), \(key), validFrom: 2026-01-01T00:00:00Z, validUntil: 2099-01-01T00:00:00Z}\n"
    }

    private func acceptUnasked(_ room: CeremonyRoom, _ folder: String, _ name: String) async throws {
        let accepted = try await CeremonyRoom.keyrite([
            "roster", "accept", folder, "--as", name, "--site", room.room.siteFile, "--auto",
        ])
        try #require(accepted.status == 0, "\(accepted.stderrText)")
    }

    private func acceptInPerson(_ room: CeremonyRoom, folder: String, as name: String, word: String) async throws {
        let person = try attendant(room, folder: folder, as: name)
        defer { person.terminal.signal(SIGKILL) }
        let shown = try await person.leafText()
        for member in try room.roster.members {
            #expect(shown.contains(try member.publicKey().fingerprint))
        }
        try await person.answer("\(word), read or back: ", word)
        try await person.answer("PIN: ", try person.pin(of: name))
        #expect(try await person.terminal.end().status == 0, "\(person.terminal.shown)")
        #expect(person.terminal.words.contains("\(name) signed roster"))
    }

    private func attendant(_ room: CeremonyRoom, folder: String, as name: String) throws -> Attendant {
        try Attendant(
            ["roster", "accept", folder, "--as", name, "--site", room.room.siteFile], room: room.room.root)
    }
}
