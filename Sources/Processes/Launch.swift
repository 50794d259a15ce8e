import CSpawn
import Glibc

/// How a program is started: nothing of this process is open in it but what is named, and it blocks and ignores no signal.
package struct Launch: Sendable {
    /// What one of its standard descriptors is.
    package enum Stream: Sendable {
        /// /dev/null.
        case nothing
        /// A descriptor of this process.
        case copy(of: Int32)
        /// A file, made or written over.
        case file(String)
        /// For standard error alone: what standard output is.
        case output
        /// This process's own.
        case inherited
    }

    /// The descriptor by which it has what was passed on to it.
    package static let passedDescriptor: Int32 = 3

    private let command: [String]
    /// All of it; nil for this process's.
    private let environment: [String: String]?
    private let streams: (input: Stream, output: Stream, errors: Stream)
    private let passed: Int32?
    private let hasOwnGroup: Bool

    /// - Parameters:
    ///   - command: The program and its arguments; a name without a slash is looked for in PATH.
    ///   - environment: Its whole environment; nil for this process's.
    ///   - passed: A descriptor for it that nothing else inherits; this process's own is the caller's to close.
    ///   - hasOwnGroup: Whether it has a process group of its own, which no key of a terminal reaches.
    package init(
        _ command: [String], environment: [String: String]? = nil, input: Stream = .nothing, output: Stream,
        errors: Stream, passing passed: Int32? = nil, hasOwnGroup: Bool
    ) {
        self.command = command
        self.environment = environment
        self.streams = (input, output, errors)
        self.passed = passed
        self.hasOwnGroup = hasOwnGroup
    }

    /// The same, killed when the *thread* that starts it ends (PR_SET_PDEATHSIG), with util-linux's setpriv.
    package func endingWithThread() -> Launch {
        Launch(
            ["/usr/bin/setpriv", "--pdeathsig", "KILL"] + command, environment: environment, input: streams.input,
            output: streams.output, errors: streams.errors, passing: passed, hasOwnGroup: hasOwnGroup)
    }

    /// Starts it.
    ///
    /// - Returns: Its number, until it is reaped.
    /// - Throws: `ProcessFailure`.
    package func start() throws(ProcessFailure) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        try check("posix_spawn_file_actions_init", posix_spawn_file_actions_init(&actions))
        defer { posix_spawn_file_actions_destroy(&actions) }
        try add(to: &actions)
        var attributes = posix_spawnattr_t()
        try check("posix_spawnattr_init", posix_spawnattr_init(&attributes))
        defer { posix_spawnattr_destroy(&attributes) }
        try set(&attributes)
        let arguments = try CStrings(command, of: command[0])
        var pid: pid_t = 0
        let code: Int32
        if let environment {
            let variables = try CStrings(environment.map { "\($0.key)=\($0.value)" }, of: command[0])
            code = posix_spawnp(&pid, command[0], &actions, &attributes, arguments.pointers, variables.pointers)
        } else {
            code = posix_spawnp(&pid, command[0], &actions, &attributes, arguments.pointers, cspawn_environment())
        }
        guard code == 0 else { throw ProcessFailure(command[0], code: code) }
        return pid
    }

    private func add(to actions: inout posix_spawn_file_actions_t) throws(ProcessFailure) {
        // First, so that nothing is opened in its place; a descriptor that is that one already is let through too.
        if let passed { try copy(passed, to: Self.passedDescriptor, in: &actions) }
        try add(streams.input, as: STDIN_FILENO, O_RDONLY, to: &actions)
        try add(streams.output, as: STDOUT_FILENO, O_WRONLY, to: &actions)
        try add(streams.errors, as: STDERR_FILENO, O_WRONLY, to: &actions)
        // No token server's socket, no ceremony's lock.
        let first = (passed == nil ? STDERR_FILENO : Self.passedDescriptor) + 1
        try check("closefrom", posix_spawn_file_actions_addclosefrom_np(&actions, first))
    }

    private func add(
        _ stream: Stream, as descriptor: Int32, _ access: Int32, to actions: inout posix_spawn_file_actions_t
    ) throws(ProcessFailure) {
        switch stream {
        case .inherited: return
        case .copy(let other): try copy(other, to: descriptor, in: &actions)
        case .output: try copy(STDOUT_FILENO, to: descriptor, in: &actions)
        case .nothing: try open("/dev/null", access, as: descriptor, in: &actions)
        case .file(let path): try open(path, access | O_CREAT | O_TRUNC, as: descriptor, in: &actions)
        }
    }

    private func copy(
        _ other: Int32, to descriptor: Int32, in actions: inout posix_spawn_file_actions_t
    ) throws(ProcessFailure) {
        try check("dup2", posix_spawn_file_actions_adddup2(&actions, other, descriptor))
    }

    private func open(
        _ path: String, _ flags: Int32, as descriptor: Int32, in actions: inout posix_spawn_file_actions_t
    ) throws(ProcessFailure) {
        try check("open", posix_spawn_file_actions_addopen(&actions, descriptor, path, flags, 0o600))
    }

    /// A child inherits what this process blocks and ignores; it shall begin with neither.
    private func set(_ attributes: inout posix_spawnattr_t) throws(ProcessFailure) {
        var none = sigset_t()
        var usual = sigset_t()
        sigemptyset(&none)
        sigfillset(&usual)
        try check("posix_spawnattr_setsigmask", posix_spawnattr_setsigmask(&attributes, &none))
        try check("posix_spawnattr_setsigdefault", posix_spawnattr_setsigdefault(&attributes, &usual))
        var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        if hasOwnGroup {
            flags |= POSIX_SPAWN_SETPGROUP
            try check("posix_spawnattr_setpgroup", posix_spawnattr_setpgroup(&attributes, 0))
        }
        try check("posix_spawnattr_setflags", posix_spawnattr_setflags(&attributes, Int16(flags)))
    }

    /// These answer an error's code, not -1.
    private func check(_ function: String, _ code: Int32) throws(ProcessFailure) {
        guard code == 0 else { throw ProcessFailure(command[0], function, code: code) }
    }
}

/// Texts as C has them, ended by a null pointer.
private final class CStrings {
    private(set) var pointers: [UnsafeMutablePointer<CChar>?] = []

    init(_ texts: [String], of program: String) throws(ProcessFailure) {
        for text in texts {
            // A null pointer in their middle would end them there.
            guard let copy = strdup(text) else { throw ProcessFailure(program, "strdup") }
            pointers.append(copy)
        }
        pointers.append(nil)
    }

    deinit { for pointer in pointers { free(pointer) } }
}
