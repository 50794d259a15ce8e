import CryptoPrimitives
import Evidence
import Foundation
import TestSupport
import Testing

@Suite("A roster with keys on FIDO2 authenticators")
struct AuthenticatorRosterTests {
    typealias Make = RosterFixture

    /// The line of an Ed25519 key, 32 equal bytes, on an authenticator.
    static func authenticator(key: UInt8, application: String = "ssh:") -> String {
        let blob =
            Wire.string("sk-ssh-ed25519@openssh.com") + Wire.string([UInt8](repeating: key, count: 32))
            + Wire.string(application)
        return "sk-ssh-ed25519@openssh.com " + Data(blob).base64EncodedString()
    }

    static func eve(_ key: String, _ presence: UserPresence?) -> Member {
        let member = Make.member("eve", .witness, key: key)
        return Member(
            name: member.name, role: member.role, key: member.key, userPresence: presence,
            validFrom: member.validFrom, validUntil: member.validUntil)
    }

    private func refusal(adding members: Member...) -> String? {
        let roster = Roster(mode: .live, members: Make.members + members, rules: Make.rules)
        return #expect(throws: RosterError.self) { try roster.validate() }?.description
    }

    @Test("is read and written with what the authenticator must see of its owner", arguments: UserPresence.allCases)
    func roundTrip(presence: UserPresence) throws {
        let roster = Roster(
            mode: .live, members: Make.members + [Self.eve(Self.authenticator(key: 9), presence)], rules: Make.rules)
        let bytes = try roster.json()
        #expect(try Roster(json: bytes) == roster)
        #expect(String(decoding: bytes, as: UTF8.self).contains("\"userPresence\":\"\(presence.rawValue)\""))
        #expect(String(decoding: roster.allowedSigners(), as: UTF8.self).contains(Self.authenticator(key: 9)))
    }

    @Test("says so for each such key, and for no other")
    func presenceIsSaid() throws {
        #expect(
            refusal(adding: Self.eve(Self.authenticator(key: 9), nil)) == """
                roster: eve's key is on an authenticator, and nothing says what that must see of them; \
                say userPresence: none, touched or verified
                """)
        #expect(
            refusal(adding: Self.eve(Make.member("eve", .witness, key: 9).key, .touched)) == """
                roster: eve has a userPresence, and a key that is on no authenticator; leave it out, or enrol a FIDO2 key \
                (ssh-keygen -t ed25519-sk or ecdsa-sk)
                """)
    }

    @Test("has no key under two names: neither plain and on an authenticator, nor for two applications")
    func underTwoNames() throws {
        let expected = "have the same key under two names; enrol a key for each person"
        #expect(refusal(adding: Self.eve(Self.authenticator(key: 2), .touched)) == "roster: bob and eve \(expected)")
        let other = Make.member("frank", .witness, key: Self.authenticator(key: 9, application: "ssh:other"))
        let frank = Member(
            name: other.name, role: other.role, key: other.key, userPresence: .verified, validFrom: other.validFrom,
            validUntil: other.validUntil)
        #expect(
            refusal(adding: Self.eve(Self.authenticator(key: 9), .touched), frank)
                == "roster: eve and frank \(expected)")
    }

    @Test(
        "names what else OpenSSH has, which does not count",
        arguments: [
            ("ssh-dss", "a DSA key"), ("ecdsa-sha2-nistp384", "an ECDSA P-384 key"),
            ("ecdsa-sha2-nistp521", "an ECDSA P-521 key"), ("ssh-ed25519-cert-v01@openssh.com", "a certificate"),
            ("ssh-new", "of an unknown kind"),
        ])
    func otherKinds(type: String, name: String) {
        let line = "\(type) \(Data(Wire.string(type) + Wire.string("x")).base64EncodedString())"
        #expect(
            refusal(adding: Self.eve(line, nil)) == """
                roster: eve's key cannot be used; the public key is \(name); enrol the first two words of the .pub file of \
                an ECDSA P-256 or Ed25519 key, on a FIDO2 authenticator or not
                """)
    }

    @Test(
        "is accepted with the presence it demands, and not with less",
        arguments: AuthenticatorTests.types, UserPresence.allCases)
    func acceptance(type: String, presence: UserPresence) async throws {
        let enrolled = try await AuthenticatorTests.Enrolled(type)
        let eve = Self.eve(enrolled.key.line, presence)
        let roster = Roster(mode: .live, members: Make.members + [eve], rules: Make.rules)
        let bytes = try roster.json()
        for flags: UInt8 in [0x00, 0x01, 0x04, 0x05] {
            let signature = try await SoftwareAuthenticator.sign(
                bytes, with: enrolled.file, namespace: roster.mode.rosterNamespace, flags: flags)
            let isEnough = presence == .none || flags == 0x05 || presence == .touched && flags & 0x01 != 0
            if isEnough {
                try roster.verifyAcceptance(signature: signature, member: eve, rosterBytes: bytes)
                continue
            }
            let error = #expect(throws: RosterError.self, "\(flags)") {
                try roster.verifyAcceptance(signature: signature, member: eve, rosterBytes: bytes)
            }
            #expect(error?.problem.contains("no user presence") == true, "\(String(describing: error))")
        }
    }
}
