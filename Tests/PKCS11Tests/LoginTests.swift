import PKCS11
import TestSupport
import Testing

@Suite("Logging in")
struct LoginTests {
    @Test("a wrong PIN is an error with a remedy, tried once, and the PIN is not in it")
    func wrongPIN() async throws {
        try await TokenSite.with { site in
            let token = try await site.makeToken("login")
            let slot = try site.connect().slot(of: token.info.uri)
            let session = try slot.openSession()
            let error = try await #require(throws: PKCS11Error.self) {
                try await session.login(pin: TokenSite.secret("hunter-2"))
            }
            #expect(error.function == "C_Login")
            #expect(error.returnValue == .pinIncorrect)
            #expect(error.description.contains("CKR_PIN_INCORRECT (0x000000A0)"))
            #expect(error.description.contains("token login (serial \(token.info.serial))"))
            #expect(error.remedy.contains("Nothing was tried again"))
            #expect(!error.description.contains("hunter"))
            #expect(try slot.tokenInfo().flags.contains(.userPINCountLow))
            #expect(!token.info.flags.contains(.userPINCountLow))

            // The right one still works, and takes the warning away.
            try await session.login(pin: token.pin)
            #expect(try !slot.tokenInfo().flags.contains(.userPINCountLow))
        }
    }

    @Test("private objects are seen after the login, and no more after the logout")
    func logout() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("logout"))
            _ = try await session.generateAES256(KeyTemplates.aes256(label: "key", id: [1]))
            #expect(try await session.findObjects([.label("key")]).count == 1)
            try await session.logout()
            #expect(try await session.findObjects([.label("key")]).isEmpty)
        }
    }

    @Test("a second login of one connection is an error, and another connection has a login of its own")
    func loginBelongsToConnection() async throws {
        try await TokenSite.with { site in
            let token = try await site.makeToken("two")
            let first = try await site.logIn(token)
            let error = try await #require(throws: PKCS11Error.self) { try await first.login(pin: token.pin) }
            #expect(error.returnValue == .userAlreadyLoggedIn)
            let second = try await site.logIn(token)
            try await second.logout()
            _ = try await first.generateAES256(KeyTemplates.aes256(label: "still logged in", id: [1]))
        }
    }

    @Test(
        "a locked PIN and a final try are refused before the token is asked",
        arguments: [
            (TokenFlags.userPINLocked, UserRole.user, false), (.userPINFinalTry, .user, false),
            (.userPINCountLow, .user, true), (TokenFlags(), .user, true), (.soPINLocked, .user, true),
            (.soPINLocked, .securityOfficer, false), (.soPINFinalTry, .securityOfficer, false),
            (.userPINLocked, .securityOfficer, true),
        ])
    func pinFlags(flags: TokenFlags, role: UserRole, admitted: Bool) throws {
        let version = TokenInfo.Version(major: 1, minor: 0)
        let token = TokenInfo(
            label: "t", manufacturer: "m", model: "x", serial: "0815", flags: flags, hardwareVersion: version,
            firmwareVersion: version)
        if admitted {
            try role.admit(token)
        } else {
            let error = try #require(throws: PKCS11Error.self) { try role.admit(token) }
            #expect(error.returnValue == nil)
            #expect(error.description.contains("0815"))
            #expect(!error.remedy.isEmpty)
        }
    }

    @Test("a token without a keypad is not asked for a login without PIN")
    func noKeypad() async throws {
        try await TokenSite.with { site in
            let token = try await site.makeToken("keypad")
            let session = try site.connect().slot(of: token.info.uri).openSession()
            let error = try await #require(throws: PKCS11Error.self) { try await session.login(pin: nil) }
            #expect(error.returnValue == nil)
        }
    }
}
