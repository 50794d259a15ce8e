import ArgumentParser
import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Room

struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse", abstract: "A whole ceremony on SoftHSM and the embedded KMS.")

    @Flag(help: "The participants answer for themselves.")
    var auto = false
    @Option(help: ArgumentHelp("How many keys, 1 to 1000.", valueName: "number"))
    var keys = 1
    @Option(help: "What is done with them: rotate, import or replace.")
    var strategy = Strategy.rotate
    @Option(help: ArgumentHelp("The wrapping keys: RSA_2048, RSA_3072 or RSA_4096.", valueName: "spec"))
    var wrappingKeySpec = "RSA_4096"
    @Option(help: ArgumentHelp("A folder to make for it all; it must not exist.", valueName: "folder"))
    var out: String?

    func validate() throws {
        guard (1...1000).contains(keys) else { throw ValidationError("--keys is a number from 1 to 1000") }
        guard Wrapping(keySpec: wrappingKeySpec).modulusBits != nil else {
            throw ValidationError("--wrapping-key-spec is RSA_2048, RSA_3072 or RSA_4096")
        }
    }

    func run() async throws {
        if !auto { _ = try TerminalParticipant() }
        let start = ContinuousClock.now
        let root = out ?? "keyrite-rehearsal-\(SystemClock().now().sshForm)"
        let aliases = Self.aliases(keys)
        let room = try await RehearsalSite.build(
            at: root, program: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        defer { room.stop() }
        let ending = EndingSignals { room.abandon() }
        defer { ending.cancel() }
        let defined = try await RehearsedKeys(strategy: strategy).seed(aliases, in: room)
        Output.toPeople("The room is set up in \((ContinuousClock.now - start).seconds): \(room.root)")

        let rehearsal = try Rehearsal(room: room, folder: room.root + "/ceremony", auto: auto)
        try await rehearsal.freeze(
            Definition(
                title: RehearsedKeys(strategy: strategy).title, windowHours: 24,
                wrapping: Wrapping(keySpec: wrappingKeySpec), keys: defined))
        let record = try await rehearsal.hold()
        Output.toPeople(RehearsalSummary(record: record, progress: rehearsal.progress).text)
        let total = (ContinuousClock.now - start).seconds
        let digest = SHA256Digest(of: room.rosterBytes).hex
        Output.toPeople(
            "All in all \(total). To verify the evidence:\nkeyrite verify \(rehearsal.folder.root) \\\n  --roster \(digest)"
        )
        Output.data(rehearsal.folder.root)
    }

    /// `alias/service-environment`, as the customers of the rehearsal's company have them.
    private static func aliases(_ count: Int) -> [String] {
        let services = ["payments", "orders", "ledger", "customers", "claims", "archive"]
        return (0..<count).map { index in
            index < services.count ? "alias/\(services[index])-production" : "alias/service\(index + 1)-production"
        }
    }
}
