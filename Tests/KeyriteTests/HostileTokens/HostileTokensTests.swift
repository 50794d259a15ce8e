import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import PKCS11
import Room
import TestSupport
import Testing

/// A module that lies in one way, in a process of its own behind a token server, before the ceremony's real adapter.
@Suite("Tokens that lie, each caught by name", .timeLimit(.minutes(60)))
struct HostileTokensTests {
    @Test("control: the same module without a lie passes the self-test, which leaves nothing on the token")
    func honest() async throws {
        try await HostileSite.with(nil) { site in
            #expect(try await site.hsm.selfTest([.symmetric]).held == SelfTested.required(for: [.symmetric]))
            try await site.hsm.leave()
            #expect(try await site.keptKeys() == 0)
        }
    }

    @Test("control: a lie that the module does not know is no token that behaves")
    func unknownLie() async throws {
        for lie in ["wraps-with-sha2", "wraps-with-sha1/other", "lacks-C_Nothing", ""] {
            await #expect(throws: PKCS11Error.self, "\(lie)") { try await HostileSite.with(lie) { _ in } }
        }
    }

    /// What people read when the self-test finds a token unfit.
    private static let unfit: [(lie: String, what: String)] = [
        ("wraps-with-sha1", "The token was asked to wrap under RSA-OAEP with SHA-256, answered CKR_OK and used SHA-1"),
        (
            "wraps-with-sha1-in-mgf1",
            """
            The token was asked to wrap under RSA-OAEP with SHA-256, answered CKR_OK and used SHA-256, \
            but with SHA-1 in MGF1
            """
        ),
        (
            "wraps-with-sha256-in-mgf1-alone",
            """
            The token was asked to wrap under RSA-OAEP with SHA-256, answered CKR_OK and used SHA-1, \
            but with SHA-256 in MGF1
            """
        ),
        (
            "wraps-with-pkcs1",
            "The wrapped key does not decrypt under RSA-OAEP with SHA-256: KMS would refuse it"
        ),
        ("wraps-another-key", "The wrapped key is another than the one in the token"),
        ("wraps-half-a-key", "The wrapped key has 16 bytes, not 32"),
        ("repeats-blobs", "The token answered two wraps with one blob: its padding is not random"),
        ("makes-readable-keys", "A key came out with another CKA_ALWAYS_SENSITIVE, CKA_SENSITIVE"),
        ("hides-readable-keys", "The token calls a key sensitive, and would hand out its value"),
        ("makes-unextractable-keys", "A key came out with another CKA_EXTRACTABLE, CKA_NEVER_EXTRACTABLE"),
        ("makes-wrapping-keys", "A key came out with another CKA_WRAP"),
        ("makes-short-keys", "A key came out with another CKA_VALUE_LEN"),
        ("hides-short-keys", "The wrapped key has 16 bytes, not 32"),
        ("repeats-keys", "The token generated one key twice"),
        ("imports-instead", "A key came out with another CKA_ALWAYS_SENSITIVE, CKA_KEY_GEN_MECHANISM, CKA_LOCAL"),
        ("lets-user-set-trusted", "The token lets its user set CKA_TRUSTED, which is the security officer's"),
        ("lets-user-create-trusted", "The token lets its user set CKA_TRUSTED, which is the security officer's"),
        // A device error is no refusal.
        ("lets-user-set-trusted/falters", "The token lets its user set CKA_TRUSTED, which is the security officer's"),
        (
            "lets-user-create-trusted/falters",
            "The token lets its user set CKA_TRUSTED, which is the security officer's"
        ),
    ]

    @Test(
        "a token that wraps what may not leave is found out, also when it fails at the first try",
        arguments: ["wraps-what-may-not-leave", "wraps-what-may-not-leave/falters"])
    func wrapsWhatStays(lie: String) async throws {
        try await HostileSite.with(lie) { site in
            let error = await #expect(throws: CeremonyError.self) { try await site.hsm.selfTest([.symmetric]) }
            #expect(
                error?.what.contains("the token wraps what is not extractable") == true, "\(String(describing: error))")
        }
    }

    @Test("a kind that a token fails to make, once, is not one that it lacks; of a token that is gone nothing is said")
    func way() async throws {
        for (code, isThere) in [(0x30, true), (0x32, false), (0xE0, false)] as [(UInt, Bool)] {
            try await HostileSite.with("fails-anywhere") { site in
                try site.calls.fail(1, since: .login, code, .before)
                guard !isThere else {
                    let way = try await site.hsm.way(for: .symmetric)
                    return #expect(way == .direct)
                }
                let error = await #expect(throws: PKCS11Error.self) { try await site.hsm.way(for: .symmetric) }
                #expect(error?.returnValue?.rawValue == code)
            }
        }
    }

    @Test("whatever call of the self-test fails once, what is said of the token is what it shows otherwise, or nothing")
    func failsOnce() async throws {
        try await HostileSite.with("fails-anywhere") { site in
            let otherwise = try await site.hsm.selfTest([.symmetric])
            let names = site.calls.namesSinceLogin
            try await site.hsm.leave()
            for number in Self.chosen(among: names) {
                for (code, when) in [(0x30, .before), (0x30, .after), (0x32, .before)] as [(UInt, HSMFault.When)] {
                    let comment: Comment = "call \(number), \(names[number - 1]), \(when): \(code)"
                    site.calls.forget()
                    try site.calls.fail(number, since: .login, code, when)
                    do {
                        #expect(try await site.hsm.selfTest([.symmetric]) == otherwise, comment)
                    } catch let error as PKCS11Error { #expect(error.returnValue?.rawValue == code, comment) }
                    // What is gone takes no leave.
                    try? await site.hsm.leave()
                }
            }
        }
    }

    /// Which calls fail, by their numbers: all with `KEYRITE_EVERY_KILL`, and a few without.
    private static func chosen(among names: [String]) -> [Int] {
        let numbers = names.indices.map { $0 + 1 }
        guard ProcessInfo.processInfo.environment["KEYRITE_EVERY_KILL"] == nil else { return numbers }
        return Array(numbers.shuffled().prefix(12))
    }

    @Test("the self-test finds a token unfit, says why, and no key was generated", arguments: unfit)
    func isUnfit(lie: String, what: String) async throws {
        try await HostileSite.with(lie) { site in
            let error = await #expect(throws: CeremonyError.self) {
                try await site.hsm.selfTest([.symmetric])
            }
            #expect(
                error
                    == CeremonyError(
                        .environment, what, remedy: "This token cannot hold the ceremony. No key was generated"))
            try await site.hsm.leave()
            #expect(try await site.keptKeys() == 0)
        }
    }

    /// What people read when a token breaks off; TOKEN is its name.
    private static let broken: [(lie: String, description: String)] = [
        (
            "wraps-to-another-length",
            """
            C_WrapKey at TOKEN: unexpected answer: 255 bytes under a modulus of 256. \
            Do not go on with this token before its vendor has explained the answer.
            """
        ),
        (
            "changes-lengths",
            """
            C_GetAttributeValue at TOKEN: unexpected answer: CKA_LABEL changed its size. \
            Do not go on with this token before its vendor has explained the answer.
            """
        ),
        (
            "answers-vendor-code",
            """
            C_WrapKey at TOKEN: the token answered a vendor's code (0x80000123). \
            Look it up in the manual of the token's vendor.
            """
        ),
        (
            "answers-unassigned-code",
            """
            C_WrapKey at TOKEN: the token answered an unknown code (0x00000123). \
            Do not go on with this token before its vendor has explained the answer.
            """
        ),
        (
            "is-removed",
            """
            C_GenerateKey at TOKEN: the token answered CKR_DEVICE_REMOVED (0x00000032). \
            The token is gone, or its slot was renumbered: look it up again by label and serial number.
            """
        ),
        (
            "loses-session",
            """
            C_WrapKey at TOKEN: the token answered CKR_SESSION_HANDLE_INVALID (0x000000B3). \
            The token ended the session. Find out why before it is asked again.
            """
        ),
        (
            "has-an-invalid-slot",
            """
            C_OpenSession at TOKEN: the token answered CKR_SLOT_ID_INVALID (0x00000003). \
            The token is gone, or its slot was renumbered: look it up again by label and serial number.
            """
        ),
        (
            "has-no-slots",
            """
            looking for a token: refused: no token at SOCKET match URI. \
            Name it by label and serial number, and see that it is connected. \
            A token server leaves out a token that it cannot read, and does not say so: if yours is connected, look on \
            that server's side at the token's state, and list the slots there with its vendor's tool.
            """
        ),
    ]

    @Test(
        "a token that breaks off in the self-test is an error of the call, and no key was generated", arguments: broken)
    func breaksOff(lie: String, description: String) async throws {
        try await HostileSite.with(lie) { site in
            let error = await #expect(throws: PKCS11Error.self) {
                try await site.hsm.selfTest([.symmetric])
            }
            let expected = description.replacing("TOKEN", with: site.name).replacing("SOCKET", with: site.socket)
                .replacing("URI", with: site.token.info.uri.description)
            #expect(error?.description == expected)
            let kept = try await site.keptKeys()
            #expect(kept == 0)
        }
    }

    @Test(
        "a search that does not end is broken off, and of one that fails the first failure is told",
        arguments: [
            ("finds-without-end", PKCS11Error.Cause.unexpectedAnswer("more than 65536 objects")),
            ("is-removed-while-finding", .returned(ReturnValue(rawValue: 0x32))),
        ])
    func search(lie: String, cause: PKCS11Error.Cause) async throws {
        try await HostileSite.with(lie) { site in
            let error = await #expect(throws: PKCS11Error.self) { try await site.hsm.find(label: "any", id: "00") }
            #expect(error?.function == "C_FindObjects")
            #expect(error?.cause == cause)
        }
    }
}
