import ArgumentParser
import Ceremony
import CryptoPrimitives
import Evidence
import PKCS11
import Room

struct TrustCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "The HSM's security officer has the token trust the wrapping keys that the quorum released.")

    @Argument(help: "The ceremony folder.")
    var folder: String
    @Option(help: ArgumentHelp("This room: HSM, endpoints, tokens (YAML).", valueName: "file"))
    var site: String

    func run() async throws {
        let site = try InputFile.site(site)
        let ceremony = try CeremonyFolder.open(folder)
        let orders = try TrustConsole.orders(in: ceremony)
        let console = try site.trustConsole(of: try FrozenCeremony(reading: ceremony).plan.environment.token)
        try await TerminalSession.hold { terminal in
            let desk = Desk(Stage(terminal, hasKeys: false))
            let token = try console.tokenInfo()
            try await Self.confirm(orders, on: token, at: desk)
            try await console.trust(orders, pin: try await Self.pin(of: token, at: desk))
        }
        Output.toPeople("The token trusts \(Counted.text(orders.count, "wrapping key")). The ceremony's run can go on.")
    }

    /// The officer compares each digest with the release that the quorum signed.
    private static func confirm(_ orders: [TrustConsole.Order], on token: TokenInfo, at desk: Desk) async throws {
        var text = [
            Paragraph("The wrapping keys that \(token.name) is to trust", style: .strong), .blank,
            Paragraph("Compare each with the release that the quorum signed, on paper or at another machine."), .blank,
        ]
        for order in orders {
            text += [
                Paragraph("\(order.slot), for the \(order.purpose.rawValue)", style: .strong),
                Paragraph(order.digest.hex, lead: "  SHA-256   "),
                Paragraph(PGPWords.spell(order.digest.bytes).joined(separator: " "), lead: "  in words  "), .blank,
            ]
        }
        if let unseen = try await desk.read(text, title: "Security officer: read what will be trusted.", keys: { _ in })
        {
            desk.stage.notice(unseen)
        }
        let said = try await desk.line("trust: ", keys: { _ in }) {
            View(body: [
                Paragraph("Type trust, all of it, to have the token trust them. Anything else does nothing.")
            ])
        }
        guard said == "trust" else {
            throw CeremonyError(.state, "Nothing was trusted", remedy: "Run the command again to decide otherwise")
        }
    }

    private static func pin(of token: TokenInfo, at desk: Desk) async throws -> SecretBytes? {
        guard !token.flags.contains(.protectedAuthenticationPath) else { return nil }
        if token.model.utf8.elementsEqual(RehearsalModule.tokenModel.utf8) {
            return try RehearsalTokens.securityOfficerPIN(for: token)
        }
        let pin = try await desk.secret("PIN: ", keys: { _ in }) {
            View(body: [
                Paragraph("The security officer's PIN of \(token.name)", style: .strong),
                Paragraph("It is not shown as you type, and tried once. Enter alone tries nothing."),
            ])
        }
        guard let pin else { throw CeremonyError(.state, "No PIN was entered", remedy: "Run the command again") }
        return pin
    }
}
