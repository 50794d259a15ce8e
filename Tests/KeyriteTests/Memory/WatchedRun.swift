import Foundation
import Glibc
import Room
import TestSupport

/// Runs of `keyrite run` that stop at every checkpoint, and whose HSM's module stops inside every wrap, to be looked at.
struct WatchedRun {
    /// A wrap that the process which holds the module was stopped in.
    struct Wrap {
        /// The ceremony's last checkpoint before it.
        let point: String
        let holder: MemoryRecord
    }

    private static let patience = Duration.seconds(300)

    let room: CeremonyRoom
    /// The ceremony process, over all runs and looks.
    private(set) var ceremony = MemoryRecord()
    /// The checkpoints at which it was looked at.
    private(set) var points: [String] = []
    private(set) var wraps: [Wrap] = []

    init(of room: CeremonyRoom) {
        self.room = room
    }

    private var log: URL { room.base.appending(path: "checkpoints") }

    /// Every checkpoint that the runs passed, by their own account.
    var logged: [String] {
        get throws {
            try String(contentsOf: log, encoding: .utf8).split(separator: "\n").map(String.init)
        }
    }

    /// Runs the ceremony as far as it goes.
    ///
    /// - Returns: The exit code.
    mutating func run() async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: try CeremonyRoom.program())
        process.arguments = [
            "run", room.ceremony, "--site", room.room.siteFile, "--stop-each", "--checkpoint-log", log.path,
        ]
        process.environment = ["PATH": "/usr/bin:/bin", "KEYRITE_REHEARSAL_PAUSE_IN_WRAP": "1"]
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let pid = process.processIdentifier
        defer { if process.isRunning { kill(pid, SIGKILL) } }
        let deadline = ContinuousClock.now + Self.patience
        while process.isRunning {
            guard ContinuousClock.now < deadline else { throw POSIXError(.ETIMEDOUT) }
            if try lookIfStopped(pid) { continue }
            try await Task.sleep(for: .milliseconds(1))
        }
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    private mutating func lookIfStopped(_ pid: Int32) throws -> Bool {
        if ProcessMemory.state(of: pid) == "T" {
            try ceremony.look(at: pid)
            points.append(try logged.last ?? "")
            kill(pid, SIGCONT)
            return true
        }
        // Behind the token server, or in the ceremony's own child.
        let holders = ProcessMemory.children(of: room.room.servers[0]) + ProcessMemory.children(of: pid)
        for child in holders where ProcessMemory.state(of: child) == "T" {
            // The ceremony waits for this wrap's answer now.
            try ceremony.look(at: pid)
            var memory = MemoryRecord()
            try memory.look(at: child)
            wraps.append(Wrap(point: try logged.last ?? "", holder: memory))
            kill(child, SIGCONT)
            return true
        }
        return false
    }
}
