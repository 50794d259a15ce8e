import ArgumentParser
import Ceremony
import Evidence
import Foundation
import Room

struct HostCardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "card", abstract: "What this HSM host is, signed by its key, for the connected host to plan with.")

    @Option(help: ArgumentHelp("This host: the HSM side of an air gap (YAML).", valueName: "file"))
    var site: String
    @Option(help: ArgumentHelp("The card to make, and its signature, FILE.sig; neither may exist.", valueName: "file"))
    var out: String
    @Option(
        help: ArgumentHelp("A kind of key to try, by KMS's name; once each. Without it: all.", valueName: "spec"))
    var keySpec: [KeySpec] = []

    func run() async throws {
        let site = try InputFile.site(site)
        try site.requireRehearsal()
        try NewPlace.requireOutsideEvidence(out)
        let out = URL(fileURLWithPath: out)
        let folder = try DiskFolder(at: out.deletingLastPathComponent().path)
        let name = out.lastPathComponent
        for path in [out.path, out.path + ".sig"] where FileManager.default.fileExists(atPath: path) {
            throw CeremonyError(.invalidInput, "\(path) exists", remedy: "Name one that does not exist yet")
        }
        let made = try await SignedHostCard(
            of: site, trying: keySpec.isEmpty ? KeySpec.allCases : keySpec, lend: HostKeyTerminal.lend)
        try folder.write(made.signature, to: name + ".sig")
        try folder.write(made.bytes, to: name)
        for line in HostText.left(out: made.unfit) { Output.toPeople(line) }
        HostText.card(made.card, digest: made.digest)
        Output.toPeople("Carry \(name) and \(name).sig to the connected host, for keyrite plan --hsm-host.")
        Output.data(out.path)
    }
}
