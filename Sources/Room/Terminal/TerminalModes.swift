import Disk
import Glibc
import Synchronization

/// A terminal's settings: as they were found, and as an attended ceremony needs them.
final class TerminalModes: Sendable {
    /// `_POSIX_VDISABLE`, which is '\0' on Linux and not imported.
    private static let disabled: UInt8 = 0

    private let descriptor: Int32
    private let found: termios
    private let entered = Mutex(false)

    init(of descriptor: Int32) throws {
        var settings = termios()
        guard tcgetattr(descriptor, &settings) == 0 else { throw DiskError("read the settings of", "the terminal") }
        self.descriptor = descriptor
        found = settings
    }

    /// Keys one by one and without echo. Ctrl-C is a signal still; Ctrl-\ and Ctrl-Z, which end or stop a program, and
    /// Ctrl-S, which freezes it, are keys like others.
    func enter() throws {
        var settings = found
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ECHONL | IEXTEN)
        settings.c_lflag |= tcflag_t(ISIG)
        settings.c_iflag &= ~tcflag_t(IXON | ISTRIP | INLCR | IGNCR)
        settings.c_iflag |= tcflag_t(ICRNL)
        settings.c_oflag |= tcflag_t(OPOST | ONLCR)
        withUnsafeMutableBytes(of: &settings.c_cc) { keys in
            keys[Int(VMIN)] = 1
            keys[Int(VTIME)] = 0
            keys[Int(VQUIT)] = Self.disabled
            keys[Int(VSUSP)] = Self.disabled
            keys[Int(VINTR)] = 0x03
        }
        entered.withLock { $0 = true }
        CrashRestore.arm(descriptor, found)
        guard tcsetattr(descriptor, TCSADRAIN, &settings) == 0 else {
            throw DiskError("change the settings of", "the terminal")
        }
    }

    /// As it was found, but for the echo: a program that asks for a secret turns that off itself, and what is typed before and after
    /// is not shown, either. Ctrl-Z and Ctrl-\ are keys like others here, too: where they stopped the program that asks, the
    /// shell would read the secret.
    func lend() {
        var settings = found
        settings.c_lflag &= ~tcflag_t(ECHO)
        withUnsafeMutableBytes(of: &settings.c_cc) { keys in
            for key in [VQUIT, VSUSP] { keys[Int(key)] = Self.disabled }
        }
        tcsetattr(descriptor, TCSANOW, &settings)
        tcflush(descriptor, TCIFLUSH)
    }

    func restore() {
        entered.withLock { entered in
            guard entered else { return }
            entered = false
            var settings = found
            // Without waiting for output to drain: nobody may read it any more. Typed-ahead keys are not for the shell.
            tcsetattr(descriptor, TCSANOW, &settings)
            tcflush(descriptor, TCIFLUSH)
            CrashRestore.disarm()
        }
    }
}

/// Gives the terminal back when the program ends without closing it: by exit(3), or by a trap.
enum CrashRestore {
    // Unsafe for being global: the thread that has the terminal writes them, the same settings each time, and handlers read them.
    // One that comes in between finds a descriptor as it was before, or none.
    nonisolated(unsafe) private static var settings = UnsafeMutablePointer<termios>.allocate(capacity: 1)
    nonisolated(unsafe) private static var descriptor: Int32 = -1

    private static let traps = [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE]

    /// Registered once, however often the terminal is taken.
    private static let atExit: Void = { _ = atexit { CrashRestore.giveBack() } }()

    static func arm(_ descriptor: Int32, _ found: termios) {
        settings.initialize(to: found)
        self.descriptor = descriptor
        _ = atExit
        for number in traps {
            signal(number) { number in
                CrashRestore.giveBack()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }

    static func disarm() {
        descriptor = -1
        traps.forEach { signal($0, SIG_DFL) }
    }

    /// Only what a signal handler may do (signal-safety(7)).
    private static func giveBack() {
        if descriptor >= 0 { tcsetattr(descriptor, TCSANOW, settings) }
    }
}
