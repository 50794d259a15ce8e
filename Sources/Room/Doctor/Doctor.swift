import Ceremony
package import CryptoPrimitives
import Evidence
package import PKCS11

/// Examines an HSM's token: whether it is there, lets itself be opened, and is fit to hold a ceremony.
package struct Doctor: Sendable {
    private let token: PKCS11URI
    private let pin: @Sendable (TokenInfo) async throws -> SecretBytes?
    private let module: Site.ModuleLocation

    /// - Parameters:
    ///   - token: The one token that would hold the ceremony's keys.
    ///   - pin: Where the user's PIN comes from; it is asked for once, and tried once.
    ///   - module: How the HSM's module is reached.
    package init(
        token: PKCS11URI, pin: @escaping @Sendable (TokenInfo) async throws -> SecretBytes?,
        module: Site.ModuleLocation
    ) {
        self.token = token
        self.pin = pin
        self.module = module
    }

    /// Examines, and leaves nothing behind: every key it makes ends with its session.
    package func examine() async -> [Finding] {
        await [ModuleExamination(module: module).run()] + examineToken()
    }

    private func examineToken() async -> [Finding] {
        let slot: Slot
        let info: TokenInfo
        do {
            slot = try module.connect().slot(of: token)
            info = try slot.tokenInfo()
        } catch {
            return [Finding("token", .fail, "\(error)", remedy: "Look at the site's hsm: module and token")]
        }
        let found = Finding(
            "token", .pass,
            "\(info.label), serial \(info.serial), \(info.manufacturer) \(info.model), firmware \(info.firmwareVersion)"
        )
        let state = Self.pinState(of: info)
        guard state.result != .fail else { return [found, state] }
        do {
            let session = try slot.openSession()
            let isRemote = module.isRemote
            let findings = try await session.loggedIn(pin: try await pin(info)) {
                await Self.examined(by: TokenExamination(session: $0, isRemote: isRemote))
            }
            return [found, state] + findings
        } catch {
            return [
                found, state,
                Finding(
                    "login", .fail, "\(error)", remedy: "Nothing was tried again. Make sure of token and PIN first"),
            ]
        }
    }

    private static func examined(by examination: TokenExamination) async -> [Finding] {
        do { return try await examination.run() } catch {
            return [
                Finding(
                    "examination", .fail, "the token failed in the middle. \(error)",
                    remedy: "Have the doctor look again once that is mended")
            ]
        }
    }

    private static func pinState(of token: TokenInfo) -> Finding {
        let check = "PIN"
        let flags = token.flags
        if flags.contains(.userPINLocked) {
            return Finding(check, .fail, "it is locked", remedy: "The security officer must set a new one")
        }
        if flags.contains(.userPINFinalTry) {
            return Finding(
                check, .fail, "one more wrong PIN would lock it",
                remedy: "Make sure of the PIN with the vendor's tool, whose successful login resets the count")
        }
        if flags.contains(.userPINToBeChanged) {
            return Finding(check, .warn, "it is to be changed", remedy: "Change it with the vendor's tool")
        }
        if flags.contains(.userPINCountLow) {
            return Finding(
                check, .warn, "wrong PINs were entered since the last login", remedy: "Find out who entered them")
        }
        let atDevice = flags.contains(.protectedAuthenticationPath)
        return Finding(check, .pass, atDevice ? "entered at the device" : "no wrong one since the last login")
    }
}
