import ArgumentParser
import Ceremony
import Evidence
import Room

struct HostDestroySealingKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy-sealing-key",
        abstract: "Destroy the sealing key of a ceremony that ended before it came to that.",
        discussion: "A ceremony that goes its way destroys the key itself, and has that on record.")

    @Argument(help: "The ceremony folder.")
    var folder: String
    @Option(help: ArgumentHelp("This host: the connected side of the air gap (YAML).", valueName: "file"))
    var site: String

    func run() async throws {
        let site = try InputFile.site(site)
        let disk = try CeremonyFolder.open(folder)
        let frozen = try FrozenCeremony(reading: disk)
        guard let certificate = frozen.plan.gap?.sealingDigest else {
            throw CeremonyError(
                .invalidInput, "This ceremony is held by one host, and nothing is sealed in it", remedy: "Leave it be")
        }
        try require(isOver: frozen, in: disk)
        let sealing = SealingFolder(memory: site.memory)
        guard site.gap?.side == .connected, try sealing.has(certificate) else {
            throw CeremonyError(
                .invalidInput, "There is no private key of the certificate \(certificate) in \(site.memory)",
                remedy: "Give the site of the connected host with which the plan was frozen, with its memory in place")
        }
        try sealing.destroy(certificate)
        Output.toPeople(
            "The private key of the certificate \(certificate) is destroyed, as far as the medium lets: "
                + "flash and snapshots may keep a copy.")
    }

    /// An abort is put on record only where the folder is at home, and a host can be lost with it.
    private static func wayOn(_ record: Record) -> String {
        let abort = "Abort it on record first: keyrite run --attended"
        guard let gap = record.plan.gap, record.turns.carried != nil || record.turns.holder != .connected else {
            return abort
        }
        return abort
            + ". It is the turn of \(gap.hsm.host): that is done there, and the folder is carried back. If that host "
            + "is lost for good, run this command again after \(record.plan.window.until), when the plan's window is over"
    }

    /// The key of a ceremony that can still go on is not to be lost by a slip.
    private func require(isOver frozen: FrozenCeremony, in disk: DiskFolder) throws {
        var record = frozen.emptyRecord
        if let bytes = try disk.readIfPresent(Transcript.path) {
            try record.replay(try Transcript(parsing: bytes), folder: disk)
        }
        let isPast = frozen.plan.window.until < SystemClock().now()
        guard record.aborted != nil || record.closed || isPast else {
            throw CeremonyError(
                .state, "The ceremony \(frozen.plan.ceremony) can still go on, and needs the key",
                remedy: Self.wayOn(record))
        }
    }
}
