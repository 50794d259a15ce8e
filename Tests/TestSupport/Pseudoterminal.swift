import CSpawn
import Foundation
import Glibc
import Synchronization

/// A program at a terminal of its own, and a person who reads and types there.
package final class Pseudoterminal: Sendable {
    /// What a terminal is set to: enough to tell whether it was given back as it was found.
    package struct Settings: Equatable, Sendable {
        package let flags: [UInt32]
        package let keys: [UInt8]
        package var echoes: Bool { flags[3] & UInt32(ECHO) != 0 }
    }

    private struct State {
        var shown: [UInt8] = []
        /// What was expected so far ends here.
        var read = 0
        var status: Int32?
        var data: [UInt8] = []
    }

    package let processIdentifier: Int32
    private let master: Int32
    /// Kept open, so that the settings can be looked at after the program.
    private let slave: Int32
    /// What the terminal was set to before the program began.
    package let settingsBefore: Settings
    private let state = Mutex(State())
    private let isClosed = Mutex(false)

    /// Starts a program with the terminal as its controlling terminal, standard input and standard error.
    ///
    /// - Parameters:
    ///   - command: An absolute path, and arguments.
    ///   - environment: The whole environment.
    package init(_ command: [String], environment: [String: String], columns: UInt16 = 80, rows: UInt16 = 24) throws {
        let path: String
        (master, slave, path) = try Self.open(columns, rows)
        settingsBefore = Self.settings(of: slave)
        var pipe: [Int32] = [-1, -1]
        guard pipe2(&pipe, O_CLOEXEC) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        defer { Glibc.close(pipe[1]) }
        processIdentifier = try Self.spawn(command, environment: environment, terminal: path, output: pipe[1])
        let reading = pipe[0]
        Thread.detachNewThread { self.follow() }
        Thread.detachNewThread { self.collect(reading) }
        Thread.detachNewThread { self.reap() }
    }

    deinit { close(slave) }

    /// Not by openpty(3), whose ends every program has that another test starts before they are closed to it: a terminal that
    /// another one has, too, is not gone when it is hung up.
    private static func open(_ columns: UInt16, _ rows: UInt16) throws -> (master: Int32, slave: Int32, path: String) {
        let master = Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (number, locked): (UInt32, Int32) = (0, 0)
        guard master >= 0, ioctl(master, lockOfTerminal, &locked) == 0, ioctl(master, numberOfTerminal, &number) == 0
        else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        let path = "/dev/pts/\(number)"
        let slave = Glibc.open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard slave >= 0, ioctl(master, UInt(TIOCSWINSZ), &size) == 0 else {
            throw POSIXError(.init(rawValue: errno) ?? .EIO)
        }
        return (master, slave, path)
    }

    /// `TIOCGPTN` and `TIOCSPTLCK`, ioctl_tty(2): macros that are not imported.
    private static let (numberOfTerminal, lockOfTerminal): (UInt, UInt) = (0x8004_5430, 0x4004_5431)

    /// Everything that was shown so far.
    package var shown: String { state.withLock { String(decoding: $0.shown, as: UTF8.self) } }

    /// The same with each run of spaces and line ends as one space: what a line's end would have cut is whole.
    package var words: String { shown.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

    /// Waits until a text is shown that was not expected before. Between two words of it a line may end.
    ///
    /// - Returns: What was shown up to its end, since the last text that was expected.
    /// - Throws: When it does not come within a minute and a half, or the program ends first.
    @discardableResult
    package func expect(_ text: String) async throws -> String {
        let wanted = Array(text.utf8)
        let deadline = ContinuousClock.now + .seconds(90)
        while true {
            let (found, ended) = state.withLock { state -> (String?, Bool) in
                guard let end = Self.end(of: wanted, in: state.shown[state.read...]) else {
                    return (nil, state.status != nil)
                }
                defer { state.read = end }
                return (String(decoding: state.shown[state.read..<end], as: UTF8.self), false)
            }
            if let found { return found }
            guard !ended, ContinuousClock.now < deadline else { throw NotShown(text: text, instead: unread) }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Where a text ends, the first time that it is there.
    private static func end(of wanted: [UInt8], in shown: ArraySlice<UInt8>) -> Int? {
        guard let first = wanted.first else { return shown.startIndex }
        var start = shown.startIndex
        while let found = shown[start...].firstIndex(of: first) {
            var rest = shown[found...]
            let isThere = wanted.indices.allSatisfy { index in
                let isBetween = wanted[index] == UInt8(ascii: " ") && index > 0 && index < wanted.count - 1
                if isBetween, rest.starts(with: "\r\n".utf8) {
                    rest = rest.dropFirst(2)
                    return true
                }
                return rest.popFirst() == wanted[index]
            }
            if isThere { return rest.startIndex }
            start = shown.index(after: found)
        }
        return nil
    }

    /// What was shown after what was expected last.
    package var unread: String {
        state.withLock { String(decoding: $0.shown[$0.read...], as: UTF8.self) }
    }

    package func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
    }

    package func resize(columns: UInt16, rows: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    package func signal(_ number: Int32) {
        state.withLock { if $0.status == nil { _ = kill(processIdentifier, number) } }
    }

    /// Takes the terminal away from the program.
    package func hangUp() {
        isClosed.withLock { isClosed in
            if !isClosed { close(master) }
            isClosed = true
        }
    }

    package var settings: Settings { Self.settings(of: slave) }

    private static func settings(of terminal: Int32) -> Settings {
        var settings = termios()
        tcgetattr(terminal, &settings)
        return Settings(
            flags: [settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag],
            keys: withUnsafeBytes(of: settings.c_cc) { Array($0) })
    }

    /// Waits until the program has ended.
    ///
    /// - Returns: Its status, below zero the signal that ended it, and what it wrote on standard output.
    package func end() async throws -> (status: Int32, output: String) {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            if let ended = state.withLock({ state in state.status.map { ($0, state.data) } }) {
                return (ended.0, String(decoding: ended.1, as: UTF8.self))
            }
            guard ContinuousClock.now < deadline else { throw NotShown(text: "the end", instead: unread) }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private struct NotShown: Error, CustomStringConvertible {
        let text: String
        let instead: String
        var description: String { "\"\(text)\" was not shown, but: \(instead.suffix(3000))" }
    }

    private func follow() {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while !isClosed.withLock({ $0 }) {
            var watched = [pollfd(fd: master, events: Int16(POLLIN), revents: 0)]
            guard poll(&watched, 1, 50) > 0 else {
                if state.withLock({ $0.status != nil }) { return }
                continue
            }
            // Whoever finds nothing left to be read, finds here what was.
            let count = state.withLock { state in
                let count = read(master, &buffer, buffer.count)
                state.shown += buffer.prefix(max(0, count))
                return count
            }
            guard count > 0 else { return }
        }
    }

    private func collect(_ descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            state.withLock { $0.data += buffer.prefix(count) }
        }
        close(descriptor)
    }

    private func reap() {
        var info = siginfo_t()
        while waitid(P_PID, id_t(processIdentifier), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        // What it wrote last is read before it is known to have ended, however busy the machine is.
        var watched = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        let deadline = ContinuousClock.now + .seconds(10)
        repeat {
            Thread.sleep(forTimeInterval: 0.05)
        } while !isClosed.withLock({ $0 }) && poll(&watched, 1, 0) > 0 && watched.revents & Int16(POLLIN) != 0
            && ContinuousClock.now < deadline
        state.withLock { state in
            var status: Int32 = 0
            while waitpid(processIdentifier, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            state.status = signal == 0 ? (status >> 8) & 0xFF : -signal
        }
    }

    /// `POSIX_SPAWN_SETSID`, which glibc declares for _GNU_SOURCE alone.
    private static let newSession: Int32 = 0x80

    private static func spawn(
        _ command: [String], environment: [String: String], terminal: String, output: Int32
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that the leader of a session opens becomes its controlling terminal.
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var usual = sigset_t()
        sigemptyset(&none)
        sigfillset(&usual)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setflags(
            &attributes, Int16(Self.newSession | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let argv = command.map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, command[0], &actions, &attributes, argv, envp)
        guard result == 0 else { throw POSIXError(.init(rawValue: result) ?? .EIO) }
        return pid
    }
}
