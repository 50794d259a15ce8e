import Ceremony
import Disk
import Foundation
import Glibc

/// File systems on which other machines may write, too: a lock that this one holds there need not keep them from it.
package enum SharedFileSystem {
    /// As proc_pid_mountinfo(5) calls them. A virtual machine's or a container's own disk may come by way of FUSE, 9P or virtiofs, too:
    /// of those only what is known to lead to other machines.
    private static let kinds: Set = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "coda", "ceph", "lustre", "gfs2", "ocfs2", "fuse.sshfs",
        "fuse.rclone", "fuse.s3fs", "fuse.glusterfs", "fuse.ceph", "fuse.davfs",
    ]

    private static let table = "/proc/self/mountinfo"

    /// - Parameters:
    ///   - device: `st_dev` of stat(2).
    ///   - mounts: `/proc/self/mountinfo`.
    /// - Returns: What the file system of that device is called; nil where only this machine writes, as far as can be seen.
    package static func name(of device: UInt64, in mounts: String) -> String? {
        let major = (device >> 8) & 0xfff | (device >> 32) & ~0xfff
        let minor = device & 0xff | (device >> 12) & ~0xff
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2, fields[2] == "\(major):\(minor)",
                let end = fields.firstIndex(of: "-"), end + 1 < fields.count
            else { continue }
            let kind = String(fields[end + 1])
            return kinds.contains(kind) ? kind : nil
        }
        return nil
    }

    /// - Throws: `CeremonyError` where an open folder lies on one; `DiskError`.
    static func refuse(_ descriptor: Int32, at path: String) throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw DiskError("look at", path) }
        // Bytes: a mount point may have a name that is no UTF-8, and what cannot be read is not taken for a disk.
        guard let mounts = FileManager.default.contents(atPath: table) else { throw DiskError("read", table) }
        guard let name = name(of: UInt64(status.st_dev), in: String(decoding: mounts, as: UTF8.self)) else { return }
        throw CeremonyError(
            .environment,
            "\(path) lies on a file system that other machines may write to (\(name)): a lock there need not keep them from it",
            remedy:
                "Have the folder on a disk of this machine; a USB stick is one. Copy it there whole, see that nobody goes on with the "
                + "one here, and run it there")
    }
}
