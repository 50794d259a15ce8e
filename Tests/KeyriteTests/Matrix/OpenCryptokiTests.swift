import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import PKCS11
import Room
import TestSupport
import Testing

@Suite(
    "opencryptoki's software token, of another make than SoftHSM",
    .enabled(if: getuid() == 0, "its daemon needs namespaces of its own, which root alone can make"),
    .timeLimit(.minutes(60)))
struct OpenCryptokiTests {
    @Test("holds a whole ceremony with its own OAEP under SHA-256, and the evidence verifies")
    func ceremony() async throws {
        try await OpenCryptokiToken.with { token in
            try await CeremonyRoom.with { room in
                let hsm = TokenHSM(
                    token: try token.uri, pin: { _ in PINEntry(try OpenCryptokiToken.pin()) },
                    connect: token.connect)
                #expect(try await hsm.identity().model == "IBM SoftTok")
                let record = try await InProcessCeremony(in: room, hsm: hsm).hold()
                let slot = try #require(record.slots[CeremonyRoom.slot])
                #expect(slot.verified?.newMaterial == slot.imported?.material)
                let verified = try await CeremonyRoom.keyrite(["verify", room.ceremony, "--roster", room.rosterDigest])
                #expect(verified.status == 0, "\(verified.stdoutText)")
            }
        }
    }

    @Test("is fit by the doctor, who tells that it cannot narrow where keys go; with a PIN about to lock it is not")
    func doctor() async throws {
        try await OpenCryptokiToken.with { token in
            let doctor = Doctor(
                token: try token.uri, pin: { _ in try OpenCryptokiToken.pin() }, module: .socket(path: token.socket))
            let findings = await doctor.examine()
            #expect(findings.allSatisfy { $0.result != .fail }, "\(findings)")
            #expect(findings.first { $0.check == "wrap with trusted only" }?.result == .warn)

            for _ in 0..<2 {
                let session = try token.connect().slot(of: token.uri).openSession()
                await #expect(throws: PKCS11Error.self) { try await session.login(pin: TokenSite.secret("1111111")) }
            }
            #expect(
                await doctor.examine().last
                    == Finding(
                        "PIN", .fail, "one more wrong PIN would lock it",
                        remedy: "Make sure of the PIN with the vendor's tool, whose successful login resets the count"))
        }
    }

    @Test("counts wrong PINs: before the last try nothing more is tried, the right PIN included; then it is locked")
    func locks() async throws {
        try await OpenCryptokiToken.with { token in
            func refusal(_ pin: String, risksLock: Bool = false) async throws -> PKCS11Error {
                let session = try token.connect().slot(of: token.uri).openSession()
                return try await #require(throws: PKCS11Error.self) {
                    try await session.login(pin: TokenSite.secret(pin), risksLock: risksLock)
                }
            }
            func flags() throws -> TokenFlags {
                try token.connect().slot(of: token.uri).tokenInfo().flags
                    .intersection([.userPINCountLow, .userPINFinalTry, .userPINLocked])
            }
            #expect(try flags() == [])
            #expect(try await refusal("1111111").returnValue == .pinIncorrect)
            #expect(try flags() == .userPINCountLow)
            #expect(try await refusal("1111111").returnValue == .pinIncorrect)
            #expect(try flags().contains(.userPINFinalTry))

            let last = try await refusal("7654321")
            #expect(
                last.description
                    == "C_Login: refused: one more wrong PIN would lock token keyrite-other (serial 123). Make sure of "
                    + "the PIN with the vendor's tool, whose successful login resets the count.")
            #expect(try flags().contains(.userPINFinalTry), "the token was asked")

            #expect(try await refusal("1111111", risksLock: true).returnValue == .pinIncorrect)
            #expect(try flags().contains(.userPINLocked))
            for risksLock in [false, true] {
                #expect(
                    try await refusal("7654321", risksLock: risksLock).description
                        == "C_Login: refused: the PIN of token keyrite-other (serial 123) is locked. The security "
                        + "officer must set a new user PIN.")
            }
        }
    }

    @Test("has its PIN asked for at the screen, wrong ones told and not tried again, and the last try decided on")
    func attended() async throws {
        try await OpenCryptokiToken.with { token in
            try await CeremonyRoom.with { room in
                try await token.plan(in: room)
                let people = try Attendant(
                    ["run", room.ceremony, "--site", try token.site(in: room), "--attended", "--until", "generate"],
                    room: room.room.root, environment: ["P11_KIT_SERVER_ADDRESS": "unix:path=" + token.socket],
                    columns: 250)
                defer { people.terminal.signal(SIGKILL) }
                for name in ["ben", "carol"] { try await people.approve("authorize", as: name) }
                try await people.press("C", at: "PIN: ")
                try await people.answer("resume, abort or leave: ", "resume")
                for (pin, told) in [
                    ("", "It stopped: No PIN was entered for the HSM's token keyrite-other (serial 123)"),
                    ("1111111", "The token says: wrong PINs were entered since its last login."),
                    ("2222222", "The token says: one more wrong PIN locks it."),
                ] {
                    try await people.expect("The administrator enters the PIN of the HSM's token keyrite-other")
                    try await people.answer("PIN: ", pin)
                    try await people.expect(told)
                    try await people.answer("again, abort or leave: ", "again")
                }
                try await people.answer("Administrator: ", "ada")
                try await people.answer("Type final try: ", "final try")
                try await people.answer("Why: ", "the card was mixed up")
                try await people.answer("PIN: ", "7654321")
                try #require(try await people.terminal.end().status == 0, "\(people.terminal.unread)")

                let record = try room.record()
                #expect(record.slots[CeremonyRoom.slot]?.generated != nil)
                #expect(record.exceptions.map(\.stated.exception.why) == ["the card was mixed up"])
                for pin in ["1111111", "2222222", "7654321"] { #expect(!people.terminal.words.contains(pin)) }
                let flags = try token.connect().slot(of: token.uri).tokenInfo().flags
                #expect(flags.isDisjoint(with: [.userPINCountLow, .userPINFinalTry]))
            }
        }
    }

    @Test("while its PIN is asked for people have their say: they leave, come back, and end the ceremony")
    func interjections() async throws {
        try await OpenCryptokiToken.with { token in
            try await CeremonyRoom.with { room in
                try await token.plan(in: room)
                func come(_ body: (Attendant) async throws -> Void) async throws {
                    let people = try Attendant(
                        ["run", room.ceremony, "--site", try token.site(in: room), "--attended"],
                        room: room.room.root, kind: "xterm-256color",
                        environment: ["P11_KIT_SERVER_ADDRESS": "unix:path=" + token.socket])
                    defer { people.terminal.signal(SIGKILL) }
                    try await body(people)
                }
                try await come { people in
                    for name in ["ben", "carol"] { try await people.approve("authorize", as: name) }
                    try await people.press("N", at: "PIN: ")
                    try await people.answer("Name: ", "wendy")
                    try await people.answer("Note: ", "the card is in the other bag")
                    try await people.press("C", at: "PIN: ")
                    try await people.answer("resume, abort or leave: ", "leave")
                    #expect(try await people.terminal.end().status == 3)
                }
                let left = try room.record()
                #expect(
                    left.transcript.lines.last?.event == .note(Note(by: "wendy", text: "the card is in the other bag")))
                #expect(left.openIntent?.kind == .selfTestIntended)

                try await come { people in
                    try await people.press("Q", at: "PIN: ")
                    try await people.answer("Name: ", "ada")
                    try await people.answer("Reason: ", "nobody has the card")
                    try await people.answer("Type abort: ", "abort")
                    for name in ["ben", "carol", "wendy"] { try await people.approve("close", as: name) }
                    try #require(try await people.terminal.end().status == 0, "\(people.terminal.unread)")
                }
                #expect(try room.record().aborted == Aborted(by: "ada", reason: "nobody has the card"))
                try await AttendedTests.verify(room.base.path)
                let flags = try token.connect().slot(of: token.uri).tokenInfo().flags
                #expect(!flags.contains(.userPINCountLow), "a PIN was tried")
            }
        }
    }

    @Test("a final try that people decide on and that is right takes the warnings away")
    func finalTry() async throws {
        try await OpenCryptokiToken.with { token in
            for _ in 0..<2 {
                let session = try token.connect().slot(of: token.uri).openSession()
                await #expect(throws: PKCS11Error.self) { try await session.login(pin: TokenSite.secret("1111111")) }
            }
            let slot = try token.connect().slot(of: token.uri)
            let session = try slot.openSession()
            try await session.login(pin: OpenCryptokiToken.pin(), risksLock: true)
            #expect(try slot.tokenInfo().flags.isDisjoint(with: [.userPINCountLow, .userPINFinalTry]))
        }
    }
}
