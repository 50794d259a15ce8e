import Ceremony
import CryptoPrimitives
import Evidence
import PKCS11
import Room

/// Has the administrator enter the HSM's PIN at the screen, whenever a login needs it.
struct AttendedLogin {
    let screen: AttendedScreen
    let finalTries: FinalTries

    /// - Throws: `Interjected` when the engine must hear first what people put on record; `RoomEnd`; `PKCS11Error` or
    ///   `CeremonyError` when no PIN is tried.
    func entry(for token: TokenInfo) async throws -> PINEntry {
        try await screen.asking { interjector in
            let risksLock = try await finalTries.admit(token, by: interjector)
            return PINEntry(try await pin(of: token, interjector), risksLock: risksLock)
        }
    }

    private func pin(of token: TokenInfo, _ interjector: Interjector) async throws -> SecretBytes? {
        let name = PercentEncoding.encode(token.name)
        guard !token.flags.contains(.protectedAuthenticationPath) else {
            await sendToDevice(name)
            return nil
        }
        guard !RehearsalTokens.include(token) else { return try RehearsalTokens.pin(for: token) }
        let pin = try await screen.desk.secret("PIN: ") { key in
            try await interjector.handle(key)
            if interjector.isUrgent { throw Interjected() }
        } view: {
            View(
                overview: await screen.overview(),
                body: [
                    Paragraph("The administrator enters the PIN of the HSM's \(name).", style: .strong),
                    Paragraph(
                        """
                        It is not shown as you type, and tried once. Enter alone tries nothing: then nothing is asked of the \
                        token.
                        """),
                ])
        }
        guard let pin else {
            throw CeremonyError(
                .state, "No PIN was entered for the HSM's \(name), and nothing was asked of it",
                remedy: "Have its PIN at hand, then go on")
        }
        return pin
    }

    private func sendToDevice(_ name: String) async {
        screen.desk.stage.show(
            View(
                overview: await screen.overview(),
                body: [Paragraph("Enter the PIN of the HSM's \(name) at the device itself.", style: .strong)],
                hasKeys: false))
    }
}
