import ArgumentParser
import Ceremony
import Evidence
import Room

struct TimeStampCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timestamp", abstract: "Have an authority outside stamp a closed ceremony's end (RFC 3161).")

    @Argument(help: "The ceremony folder.")
    var folder: String
    @Option(help: ArgumentHelp("This room: its timestamp names the authority (YAML).", valueName: "file"))
    var site: String

    func run() async throws {
        let site = try InputFile.site(site)
        let folder = try CeremonyFolder.open(folder)
        try site.require(try FrozenCeremony.roster(in: folder).0.mode)
        let stamping = try TimeStamping(of: folder, at: site)
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        Output.toPeople(Self.text(try await Self.stamped(by: stamping)))
    }

    /// Gets the stamp of a ceremony that has just been closed. It stays closed whatever comes of it.
    ///
    /// - Parameter file: The site's.
    static func afterClose(of folder: DiskFolder, at site: Site, file: String) async {
        guard site.timestamp != nil else { return }
        do { Output.toPeople(text(try await stamped(by: TimeStamping(of: folder, at: site)))) } catch {
            let again = (try? ShellCommand.keyrite("timestamp", folder.root, "--site", file)) ?? "keyrite timestamp"
            Output.toPeople("There is no time stamp yet: \(error)\nTo ask later: \(again)")
        }
    }

    private static func stamped(by stamping: TimeStamping) async throws -> TimeStamping.Stamped {
        try await WorkLine.during("asking the time stamp authority") { try await stamping.stamp() }
    }

    private static func text(_ stamped: TimeStamping.Stamped) -> String {
        let said = stamped.isOld ? "It was stamped already" : "It is stamped"
        let worth =
            stamped.isChecked
            ? "The authority's signature holds."
            : "The authority's signature was not checked: the site names no caFile."
        return "\(said), at \(stamped.time): \(TimeStampFiles.answerPath). \(worth)"
    }
}
