import CryptoPrimitives
import Evidence

/// The HSM of an air gap's other host while the connected host plans: what that host's card says of it, and nothing more.
struct CardedHSM: HSMPort {
    private let card: HostCard
    private let absent = AbsentHSM()

    init(_ card: HostCard) { self.card = card }

    func identity() async throws -> TokenIdentity { card.token }
    func leave() async throws {}

    func way(for keySpec: KeySpec) async throws -> WrappingWay {
        guard let way = card.way(for: keySpec) else {
            throw CeremonyError(
                .environment,
                "The card of \(card.host) does not say that its token can make keys of the kind \(keySpec.rawValue) "
                    + "and wrap them for KMS",
                remedy: "Leave such keys out of the definition, or have the card made again, with that kind tried")
        }
        return way
    }

    /// None: what a plan calls its keys by holds a number that was only just drawn. The HSM host looks before it generates.
    func find(label: String, id: String) async throws -> [HSMKey] { [] }

    func selfTest(_ profiles: [KeyProfile]) async throws -> SelfTestReport { try await absent.selfTest(profiles) }

    func generate(
        label: String, id: String, of keySpec: KeySpec, attributes: [AttributeSetting]
    ) async throws -> HSMKey {
        try await absent.generate(label: label, id: id, of: keySpec, attributes: attributes)
    }

    func encrypt(blocks: [UInt8], label: String, id: String) async throws -> [UInt8] {
        try await absent.encrypt(blocks: blocks, label: label, id: id)
    }

    func authenticate(_ message: [UInt8], label: String, id: String, of keySpec: KeySpec) async throws -> [UInt8] {
        try await absent.authenticate(message, label: label, id: id, of: keySpec)
    }

    func wrap(_ requests: [HSMWrapRequest]) async throws -> [[UInt8]] { try await absent.wrap(requests) }

    func requireTrusted(label: String, wrappingKey: RSAPublicKey) async throws {
        try await absent.requireTrusted(label: label, wrappingKey: wrappingKey)
    }

    func giveCheckUsage(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        try await absent.giveCheckUsage(label: label, id: id, of: keySpec)
    }

    func removeCheckUsage(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        try await absent.removeCheckUsage(label: label, id: id, of: keySpec)
    }

    func lock(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        try await absent.lock(label: label, id: id, of: keySpec)
    }

    func destroy(label: String, id: String) async throws { try await absent.destroy(label: label, id: id) }
}

/// What the connected host sees, and beside it what the HSM host's card says: all that a plan binds.
struct CardedEnvironment: EnvironmentPort {
    private let connected: any EnvironmentPort
    private let card: HostCard

    /// - Parameter connected: What is seen from the connected host.
    init(_ connected: any EnvironmentPort, card: HostCard) {
        self.connected = connected
        self.card = card
    }

    var host: String { connected.host }

    func observe() async throws -> ObservedEnvironment {
        let seen = try await connected.observe()
        return ObservedEnvironment(
            aws: seen.aws, token: card.token, module: card.module,
            programs: seen.programs + [ProgramDigest(host: card.host, program: card.program)])
    }

    func program() throws -> ProgramDigest { try connected.program() }

    func examine(_ plan: Plan) async throws -> [RecordedFinding] { try await connected.examine(plan) }

    func prepare() async throws -> [CallerRole: String] { try await connected.prepare() }
    func caller(of role: CallerRole) async throws -> String { try await connected.caller(of: role) }
}

extension Ports {
    /// The connected host's, for planning with the HSM host's card.
    package func planning(with card: HostCard) -> Ports {
        Ports(
            folder: folder, hsm: CardedHSM(card), kms: kms,
            environment: CardedEnvironment(environment, card: card), memory: memory, clock: clock, progress: progress,
            attendance: attendance, gap: gap)
    }
}
