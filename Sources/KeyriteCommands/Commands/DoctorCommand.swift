import ArgumentParser
import Ceremony
import CryptoPrimitives
import Foundation
import PKCS11
import Room

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Is this HSM, this KMS access, this clock fit for a ceremony?")

    @Option(help: ArgumentHelp("This room: HSM, endpoints, tokens (YAML).", valueName: "file"))
    var site: String
    @Option(help: ArgumentHelp("A key or an alias to try permissions at.", valueName: "key"))
    var key: String?
    @Option(help: ArgumentHelp("The wrapping key to ask KMS for: RSA_2048, RSA_3072 or RSA_4096.", valueName: "spec"))
    var wrappingKeySpec = "RSA_4096"
    @Flag(help: "Ask for the PIN of the HSM's token at this terminal; a rehearsal token's is derived.")
    var askPIN = false
    @Option(help: "text or json.")
    var format = OutputFormat.text

    private struct Report: Encodable {
        let schema = "keyrite.doctor/1"
        let fit: Bool
        let findings: [Finding]
    }

    func run() async throws {
        let site = try InputFile.site(site)
        // A host of an air gap has one of the two.
        let service = site.access == nil ? nil : try site.serviceExamination(mfaCode: MFADialogue.code)
        let doctor =
            site.module == nil ? nil : askPIN ? try site.doctor(pin: Self.askedPIN) : try site.doctor()
        let findings = await WorkLine.during(doctor == nil ? WorkLine.askingAWS : "examining the HSM") {
            let token = await doctor?.examine() ?? []
            WorkLine.goOn(with: WorkLine.askingAWS)
            return await token + (service?.run(key: key, wrappingKeySpec: wrappingKeySpec) ?? [])
        }
        let isFit = findings.allSatisfy { $0.result != .fail }
        switch format {
        case .text: show(findings, isFit)
        case .json: try Output.json(Report(fit: isFit, findings: findings))
        }
        guard isFit else { throw ExitStatus.findings }
    }

    /// A PIN is asked for once, and tried once.
    private static func askedPIN(of token: TokenInfo) async throws -> SecretBytes? {
        guard !token.flags.contains(.protectedAuthenticationPath) else { return nil }
        return try await TerminalSession.hold { terminal in
            let pin = try await Desk(Stage(terminal, hasKeys: false)).secret("PIN: ", keys: { _ in }) {
                View(body: [
                    Paragraph("The PIN of \(token.name)", style: .strong),
                    Paragraph("It is not shown as you type, and tried once. Enter alone tries nothing."),
                ])
            }
            guard let pin else {
                throw CeremonyError(.state, "No PIN was entered", remedy: "Run the command again")
            }
            return pin
        }
    }

    private func show(_ findings: [Finding], _ isFit: Bool) {
        for finding in findings {
            let lead = finding.result.rawValue.padding(toLength: 10, withPad: " ", startingAt: 0)
            var paragraphs = [Paragraph("\(finding.check): \(finding.detail)", lead: lead)]
            if let remedy = finding.remedy {
                paragraphs.append(Paragraph("-> \(remedy)", lead: String(repeating: " ", count: 10)))
            }
            for line in paragraphs.flatMap({ $0.lines(width: 80) }) { Output.data(line.text) }
        }
        Output.data("")
        Output.data(
            isFit ? "FIT, as far as it could be tried." : "NOT FIT: no ceremony before what failed is mended.")
    }
}
