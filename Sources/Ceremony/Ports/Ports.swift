package import Evidence

/// A ceremony folder, to be written.
package protocol FolderPort: EvidenceFolder, Sendable {
    /// Puts a whole file in place, durably, in one step; a file of that name is replaced.
    func write(_ bytes: [UInt8], to path: String) throws

    /// Adds bytes at the end of a file and waits until they are on disk. The file is made if it is missing.
    func append(_ bytes: [UInt8], to path: String) throws

    /// Cuts a file off, durably.
    func truncate(_ path: String, to size: Int) throws

    /// Removes a file, durably; a missing one is no error.
    func remove(_ path: String) throws

    /// Whether a file could be put in place there now: before people do what would then be lost.
    func requireWritable(_ path: String) throws

    /// Waits until nobody else is in the middle of the same for this file, and does it.
    func exclusively(at path: String, _ body: () throws -> Void) throws

    /// Removes what killed writers left half written. What is being written just then stays.
    func removePartials() throws
}

/// The time, and waiting.
package protocol ClockPort: Sendable {
    func now() -> Timestamp
    func wait(milliseconds: Int) async throws
}

/// Looks at what the plan binds: account, caller, token, program.
package protocol EnvironmentPort: Sendable {
    /// This host's name, printable ASCII.
    var host: String { get }
    func observe() async throws -> ObservedEnvironment

    /// This host and the program that runs on it, of which neither HSM nor network has to be asked.
    func program() throws -> ProgramDigest

    /// Looks, before the first key, at what else a ceremony rests on: this host's clock, and permissions whose use is
    /// still to come.
    ///
    /// - Throws: `CeremonyError` when no ceremony can be held before something is mended.
    func examine(_ plan: Plan) async throws -> [RecordedFinding]

    /// Has the credentials be good for the step that is about to begin, so that none are got in the middle of it.
    ///
    /// - Returns: Whose they are by now, by role: callers as a plan has them. One that does everything stands at `look`; nobody
    ///   where there are none.
    func prepare() async throws -> [CallerRole: String]

    /// Whose credentials calls in a role are signed with, as STS tells it: the caller as a plan has it.
    ///
    /// - Throws: `CeremonyError` where there are none.
    func caller(of role: CallerRole) async throws -> String
}

/// What one key, or one host, saw of ceremonies, kept outside every ceremony folder.
package protocol MemoryPort: Sendable {
    func recall(_ ceremony: String) throws -> [Sighting]

    /// Keeps a sighting, durably.
    func remember(_ sighting: Sighting) throws

    /// Whether one could be kept now: before people do what would then be lost.
    func requireWritable() throws
}

/// Is told how far the run has come.
package protocol ProgressPort: Sendable {
    func began(_ step: Step)
    func ended(_ step: Step)
    /// An approval that lies in the folder and does not count.
    func refused(_ path: String, _ refusal: ApprovalRefusal)
}

/// Asks one person what they say to a statement.
package protocol ParticipantPort: Sendable {
    /// - Parameter statement: Decoded from `bytes`; everything shown must come from it.
    func decide(on statement: Statement, bytes: [UInt8]) async throws -> Answer
}

/// A person's answer at a gate.
package enum Answer: Hashable, Sendable {
    case approve
    case refuse(reason: String)
}

/// Signs in one person's name, with the key that only they can use.
package protocol SignerPort: Sendable {
    /// - Returns: An armored SSHSIG.
    func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8]
}

/// Everything outside that a ceremony touches.
package struct Ports: Sendable {
    package let folder: any FolderPort
    package let hsm: any HSMPort
    package let kms: any KMSPort
    package let environment: any EnvironmentPort
    /// What this host remembers.
    package let memory: any MemoryPort
    package let clock: any ClockPort
    package let progress: any ProgressPort
    package let attendance: any AttendancePort
    /// What this host has as one of two across an air gap; nil for the one host of a ceremony without one.
    package let gap: (any GapPort)?

    package init(
        folder: any FolderPort, hsm: any HSMPort, kms: any KMSPort, environment: any EnvironmentPort,
        memory: any MemoryPort, clock: any ClockPort, progress: any ProgressPort,
        attendance: any AttendancePort = Unattended(), gap: (any GapPort)? = nil
    ) {
        self.folder = folder
        self.hsm = hsm
        self.kms = kms
        self.environment = environment
        self.memory = memory
        self.clock = clock
        self.progress = progress
        self.attendance = attendance
        self.gap = gap
    }
}
