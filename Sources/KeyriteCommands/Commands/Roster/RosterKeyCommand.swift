import ArgumentParser
import Ceremony
import CryptoPrimitives
import Evidence
import Room

struct RosterKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Show the public key on a participant's token, to be enrolled.")

    @Option(help: ArgumentHelp("This room: HSM, endpoints, tokens (YAML).", valueName: "file"))
    var site: String
    @Option(name: .customLong("as"), help: ArgumentHelp("Whose token, as the site has them.", valueName: "name"))
    var name: String

    func run() async throws {
        let site = try InputFile.site(site)
        let signer = AskedPINSigner(
            site: site, name: name, listed: nil, admit: AskedPINSigner.noRisk
        ) { token, _ in
            try await TerminalSession.hold { terminal in
                try await Self.pin(of: token, at: Desk(Stage(terminal, hasKeys: false)))
            }
        }
        let key = try await signer.publicKey()
        Output.toPeople("\(name)'s key has the fingerprint \(key.fingerprint)")
        for line in RosterText.words(
            SHA256Digest(of: key.blob), indent: 2, columns: OutputWidth.columnsForPeople)
        { Output.toPeople("  \(line)") }
        if try await !signer.showsKey() {
            Output.toPeople(
                "The token showed it after its PIN only. With --site it signs nothing until it shows it before: have the "
                    + "public key be readable without a PIN (CKA_PRIVATE false).")
        }
        Output.data(key.line)
    }

    private static func pin(of token: String, at desk: Desk) async throws -> SecretBytes {
        let pin = try await desk.secret("PIN: ", keys: { _ in }) {
            View(body: [
                Paragraph("The PIN of \(token), which does not show its public key without", style: .strong),
                Paragraph("It is not shown as you type, and tried once. Enter alone tries nothing."),
            ])
        }
        guard let pin else { throw CeremonyError(.state, "No PIN was entered", remedy: "Run the command again") }
        return pin
    }
}
