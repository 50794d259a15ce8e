import Disk
package import Evidence
import Glibc

/// Where a machine remembers what its user signed and saw, when no site says where.
package enum PersonalFolder {
    /// The user's home as passwd(5) has it, whatever HOME says.
    static var home: String? { getpwuid(getuid()).map { String(cString: $0.pointee.pw_dir) } }

    /// `~/.local/state/keyrite`, as the XDG base directories have it.
    ///
    /// - Throws: `DiskError` for a user without a home.
    package static func memory() throws -> String {
        guard let home else { throw DiskError("find", "your home", code: ENOENT) }
        return home + "/.local/state/keyrite"
    }
}

extension DiskMemory {
    /// What a member's key remembers on this machine.
    ///
    /// - Parameter folder: The machine's memory.
    package init(of member: Member, in folder: String) throws {
        let fingerprint = try member.publicKey().fingerprint.replacing("/", with: "_").replacing("SHA256:", with: "")
        self.init(folder: folder, owner: fingerprint)
    }
}
