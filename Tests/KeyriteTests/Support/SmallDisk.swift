import Foundation
import TestSupport

/// A folder that is moved, for one command at a time, to a real disk that has room for so much more and no more.
struct SmallDisk {
    let folder: String

    /// Whether the kernel lets anybody here have a disk of their own.
    static func canMount() async throws -> Bool { try await runProcess(["unshare", "--mount", "true"]).status == 0 }

    /// Runs a command with the folder on such a disk; what the folder has afterwards stays.
    ///
    /// - Parameters:
    ///   - files: How many more it has room for.
    ///   - pages: The same, of 4 KiB.
    func run(_ command: [String], files: Int, pages: Int) async throws -> ProcessOutcome {
        let script = """
            set -e
            folder=$1 files=$2 pages=$3
            shift 3
            cp -a "$folder" "$folder.kept"
            mount -t tmpfs -o size=64m none "$folder"
            cp -a "$folder.kept/." "$folder"
            used=$(df -k --output=used "$folder" | tail -n 1)
            inodes=$(df --output=iused "$folder" | tail -n 1)
            mount -o "remount,nr_inodes=$((inodes + files)),size=$((used + 4 * pages))k" "$folder"
            status=0
            "$@" || status=$?
            rm -r "$folder.kept"
            cp -a "$folder" "$folder.kept"
            exit $status
            """
        let outcome = try await runProcess(
            "unshare", ["--mount", "sh", "-c", script, "sh", folder, "\(files)", "\(pages)"] + command)
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.moveItem(atPath: folder + ".kept", toPath: folder)
        return outcome
    }

    /// Runs a command again and again, each time with room for a file or a page more, until the disk refuses it nothing.
    ///
    /// - Parameter refused: Called with what was said each time before, and the path in the folder of what could not be
    ///   written.
    /// - Returns: The last outcome.
    func fill(
        _ command: [String], refused: (_ said: String, _ path: String) async throws -> Void
    ) async throws -> ProcessOutcome {
        var (files, pages) = (0, 0)
        while true {
            let outcome = try await run(command, files: files, pages: pages)
            let said = outcome.stderrText
            guard said.contains("errno 28"), files < 60 else { return outcome }
            try await refused(said, Self.path(of: said, in: folder))
            if files <= pages { files += 1 } else { pages += 1 }
        }
    }

    private static func path(of said: String, in folder: String) -> String {
        guard let start = said.range(of: folder + "/") else { return "" }
        return String(said[start.upperBound...].prefix { $0 != ":" })
    }
}
