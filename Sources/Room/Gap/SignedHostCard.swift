package import Ceremony
package import CryptoPrimitives
package import Evidence

/// What the HSM host of an air gap says of itself, as it signed it.
package struct SignedHostCard: Sendable {
    package let card: HostCard
    package let bytes: [UInt8]
    /// An armored SSHSIG.
    package let signature: [UInt8]
    /// The kinds of key that the token cannot make or wrap, and why.
    package let unfit: [(KeySpec, CeremonyError)]

    package var digest: SHA256Digest { SHA256Digest(of: bytes) }

    /// Looks at this host, and tries with throwaway keys which kinds its token can make and wrap.
    ///
    /// - Parameters:
    ///   - keySpecs: The kinds to be tried; two RSA keys of 4096 bits take a token some time.
    ///   - pin: Where the HSM's PIN comes from; a rehearsal's by default.
    ///   - lend: Lends ssh-keygen the terminal, which a key with a passphrase needs.
    /// - Throws: `CeremonyError` at another site than an air gap's HSM side, and when the token can make none of them.
    package init(
        of site: Site, trying keySpecs: [KeySpec], pin: @escaping PINSource = RehearsalTokens.entry,
        program: String = CurrentProgram.path, lend: @escaping SSHKeySigner.Lending = { try await $0() }
    ) async throws {
        guard let setting = site.gap, setting.side == .hsm else {
            throw site.place["gap"].error(
                "only the HSM side of an air gap has a card made", remedy: "Write gap with side: hsm into the site")
        }
        _ = try site.service()
        let device = try site.device(pin, program)
        let key = HostKey(setting, lend: lend)
        let host = try await key.host(proving: try SecureRandom.bytes(count: 32), in: site.mode)
        let seen = try await SiteEnvironment(host: host.host, service: nil, device: device).observe()
        guard let device, let token = seen.token, let module = seen.module, let program = seen.programs.first else {
            throw site.place["hsm"].error("there is no HSM to be seen", remedy: "Look at module and token")
        }
        let ways: [HostCard.Way]
        (ways, unfit) = try await Self.ways(of: keySpecs, on: device.hsm)
        card = HostCard(
            mode: site.mode, host: host, token: token, module: module, program: program.program, ways: ways,
            at: SystemClock().now())
        bytes = try CanonicalJSON.encode(card)
        signature = try await key.sign(bytes, namespace: site.mode.hostNamespace)
        _ = try HostCard(bytes, signature: signature, file: "card")
    }

    private static func ways(
        of keySpecs: [KeySpec], on hsm: any HSMPort
    ) async throws -> ([HostCard.Way], [(KeySpec, CeremonyError)]) {
        var ways: [HostCard.Way] = []
        var unfit: [(KeySpec, CeremonyError)] = []
        do {
            for keySpec in KeySpec.allCases where keySpecs.contains(keySpec) {
                do {
                    ways.append(HostCard.Way(keySpec: keySpec, way: try await hsm.way(for: keySpec)))
                } catch let error as CeremonyError where error.kind == .environment {
                    unfit.append((keySpec, error))
                }
            }
        } catch {
            // What went wrong is what must be read; nobody stays logged in for it.
            try? await hsm.leave()
            throw error
        }
        try await hsm.leave()
        if ways.isEmpty, let first = unfit.first { throw first.1 }
        return (ways, unfit)
    }
}
