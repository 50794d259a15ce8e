import CSpawn
import Ceremony
import Glibc

/// What the process that holds a module does to itself before it loads one.
enum HostConfinement {
    /// - Parameter socket: What it is called by.
    /// - Throws: `CeremonyError` when that is no socket of its parent's, or the system refuses.
    static func enter(socket: Int32) throws {
        // Before the parent is looked at: had it ended in between, the parent would be another by now.
        guard cspawn_end_with_parent(SIGKILL) == 0 else { throw refused("to end with its parent") }
        guard maker(of: socket) == getppid() else {
            throw CeremonyError(
                .invalidInput, "keyrite hsm-host is started by keyrite alone, and was not",
                remedy: "Name the library in the site, and use keyrite run")
        }
        // What the module starts must not keep the parent's end from being noticed.
        guard fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 else { throw refused("a socket of its own") }
        ignoreTerminal()
        try forbidDumps()
    }

    /// Who made a socket pair, as the kernel knows it (unix(7), SO_PEERCRED); nil for what is none.
    private static func maker(of socket: Int32) -> pid_t? {
        // struct ucred: the process, its user, its group.
        var credentials: [UInt32] = [0, 0, 0]
        var size = socklen_t(credentials.count * MemoryLayout<UInt32>.size)
        guard getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else { return nil }
        return pid_t(exactly: credentials[0])
    }

    /// A pause at the ceremony's prompt, or the end of its terminal, is the ceremony's to deal with.
    private static func ignoreTerminal() {
        for number in [SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP] { signal(number, SIG_IGN) }
    }

    /// Memory that holds key material is written to no disk, and shown to nobody but root.
    private static func forbidDumps() throws {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        guard setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0, cspawn_forbid_dumps() == 0 else {
            throw refused("to be left out of core dumps")
        }
    }

    private static func refused(_ what: String) -> CeremonyError {
        CeremonyError(
            .environment, "The system refuses the HSM's process \(what): \(String(cString: strerror(errno)))",
            remedy: "Report this with the system's version")
    }
}
