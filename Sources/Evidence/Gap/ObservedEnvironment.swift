package import CryptoPrimitives

/// What one run sees of the surroundings that the plan binds: all of them, or one side's of an air gap.
package struct ObservedEnvironment: Codable, Hashable, Sendable {
    /// Absent on a host without network.
    package let aws: AWSEnvironment?
    /// Absent, with the module, on a host without HSM.
    package let token: TokenIdentity?
    package let module: SHA256Digest?
    /// This host's program.
    package let programs: [ProgramDigest]

    package init(
        aws: AWSEnvironment? = nil, token: TokenIdentity? = nil, module: SHA256Digest? = nil,
        programs: [ProgramDigest]
    ) {
        self.aws = aws
        self.token = token
        self.module = module
        self.programs = programs
    }

    /// All that a plan binds, if this host sees all of it.
    package var whole: CeremonyEnvironment? {
        guard let aws, let token, let module else { return nil }
        return CeremonyEnvironment(aws: aws, token: token, module: module, programs: programs)
    }

    /// The digest that statements carry: SHA-256 of the canonical JSON.
    package func digest() throws -> SHA256Digest {
        SHA256Digest(of: try CanonicalJSON.encode(self))
    }
}

extension CeremonyEnvironment {
    /// What a host must see of it.
    ///
    /// - Parameters:
    ///   - side: The host's side of an air gap; nil for the one host of a ceremony without one.
    ///   - programs: Those of that host.
    package func seen(from side: Side?, programs: [ProgramDigest]) -> ObservedEnvironment {
        ObservedEnvironment(
            aws: side == .hsm ? nil : aws, token: side == .connected ? nil : token,
            module: side == .connected ? nil : module, programs: programs)
    }
}
