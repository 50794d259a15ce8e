package import AWS
package import Ceremony
package import CryptoPrimitives
package import Evidence
import Glibc
package import PKCS11

extension Site {
    /// Refuses what this version cannot hold safely.
    ///
    /// - Throws: `CeremonyError` for a live site, or a rehearsal's that leads off this machine.
    package func requireRehearsal() throws {
        guard mode == .rehearsal else {
            throw place["mode"].error(
                "this version holds rehearsals only, and the site says live",
                remedy: "Live ceremonies need the checks of the HSM that keyrite doctor will make")
        }
        guard let found = try access?.place(EnvironmentVariables()) else { return }
        for (key, endpoint) in [("endpoint", found.endpoint), ("stsEndpoint", found.stsEndpoint)]
        where !endpoint.isLoopback {
            throw place["aws"][key].error(
                "a rehearsal never talks to \(endpoint)", remedy: "Point the site at an emulator on this machine")
        }
    }

    /// Refuses surroundings that a live ceremony cannot be held in.
    private func requireLiveRules(_ access: ResolvedAccess?, environment: Set<String>) throws {
        if let refusal = LiveRules(self).refusals(of: access, environment: environment).first { throw refusal }
    }

    /// Refuses a roster or a plan of another mode than this room's.
    package func require(_ mode: Mode) throws {
        guard mode == self.mode else {
            throw place["mode"].error(
                "the site is for \(self.mode.rawValue), the roster for \(mode.rawValue)",
                remedy: "Take the site and the roster that belong together")
        }
    }

    /// Everything outside that a ceremony at this site touches. On one host of an air gap what the other has is absent.
    ///
    /// - Parameters:
    ///   - pin: Where the HSM's PIN comes from; a rehearsal's by default.
    ///   - program: The keyrite program, for the process that holds the HSM's library.
    ///   - lend: Lends ssh-keygen the terminal, for an air gap's host whose key has a passphrase.
    ///   - confirming: Who compares the head that such a host was handed; by default nobody is there.
    ///   - ceremony: The ceremony's id, where the folder has no plan yet.
    ///   - mfaCode: Who is asked for the code of an MFA device; nil for nobody.
    /// - Throws: `CeremonyError`, or `AWSError` for an endpoint or a Region that is none.
    package func ports(
        folder: any FolderPort, progress: any ProgressPort, attendance: any AttendancePort = Unattended(),
        pin: @escaping PINSource = RehearsalTokens.entry, program: String = CurrentProgram.path,
        lend: @escaping SSHKeySigner.Lending = { try await $0() },
        confirming: @escaping SiteGap.Confirming = { _, _ in throw Self.nobodyCompared }, ceremony: String? = nil,
        mfaCode: CredentialMeans.MFACode? = nil
    ) throws -> Ports {
        let service = try service(
            session: ceremony.map(CeremonySession.name(of:)) ?? CeremonySession.name(in: folder), mfaCode: mfaCode)
        let device = try device(pin, program)
        return Ports(
            folder: folder, hsm: device?.hsm ?? AbsentHSM(), kms: service?.kms ?? AbsentKMS(),
            environment: SiteEnvironment(host: gap?.host, service: service, device: device),
            memory: DiskMemory(folder: memory, owner: "host"), clock: SystemClock(), progress: progress,
            attendance: attendance,
            gap: gap.map { SiteGap($0, memory: memory, lend: lend, confirming: confirming) })
    }

    private static var nobodyCompared: CeremonyError {
        CeremonyError(
            .state, "Nobody compared the words of the head with those that the other host showed",
            remedy: "Run it where a person can type them in")
    }

    /// AWS, where this host of an air gap, or the one host there is, reaches it.
    func service(
        session: String = CeremonySession.unnamed, mfaCode: CredentialMeans.MFACode? = nil
    ) throws -> SiteEnvironment.Service? {
        guard access != nil else {
            try requireRehearsal()
            try requireLiveRules(nil, environment: try StartingEnvironment.names())
            return nil
        }
        let (access, kms) = try services(session, mfaCode)
        return SiteEnvironment.Service(access: access, kms: kms, iam: try access.iamClient())
    }

    /// The ceremony's HSM: in no case does its key material come into this process.
    func device(_ pin: @escaping PINSource, _ program: String) throws -> SiteEnvironment.Device? {
        guard let module else { return nil }
        let token = try PKCS11URI(parsing: self.token)
        switch module {
        case .library(let path, let parameters, let environment, _):
            let hsm = HostedHSM(
                module: path, parameters: parameters, environment: environment, token: token, program: program,
                pin: pin)
            return SiteEnvironment.Device(hsm: hsm) { try await hsm.moduleDigest() }
        case .socket(let path):
            let hsm = TokenHSM(token: token, pin: pin, isRemote: true) { try Module.remote(socket: path) }
            return SiteEnvironment.Device(hsm: hsm) { try Module.clientDigest() }
        }
    }

    /// AWS as this site reaches it.
    private func services(
        _ session: String, _ mfaCode: CredentialMeans.MFACode?
    ) throws -> (ResolvedAccess, KeyService) {
        try requireRehearsal()
        guard let access = try access?.resolved(session: session, mfaCode: mfaCode) else {
            throw place["gap"].error(
                "the HSM side of an air gap has no network, and reaches no AWS", remedy: "Do it on the other host")
        }
        try requireLiveRules(access, environment: try StartingEnvironment.names())
        func clients(_ credentials: IdentifiedCredentials) throws -> KeyService.Clients {
            KeyService.Clients(
                kms: try KMSClient(access.configuration(at: access.endpoint, with: credentials)),
                sts: try STSClient(access.configuration(at: access.stsEndpoint, with: credentials)))
        }
        let service = KeyService(
            try clients(access.credentials), others: try access.otherRoles?.mapValues(clients), quotas: quotas)
        return (access, service)
    }

    /// The module where this host has one.
    private func requireModule() throws -> ModuleLocation {
        guard let module else {
            throw place["gap"].error(
                "the connected side of an air gap has no HSM and no tokens",
                remedy: "Do it on the other host, or sign with a key of your own: --ssh-key")
        }
        return module
    }

    /// Who examines this site's HSM, in this process.
    ///
    /// - Parameter pin: Where its PIN comes from; a rehearsal's by default.
    package func doctor(
        pin: @escaping @Sendable (TokenInfo) async throws -> SecretBytes? = RehearsalTokens.pin
    ) throws -> Doctor {
        let module = try requireModule()
        return Doctor(token: try PKCS11URI(parsing: token), pin: pin, module: module)
    }

    /// The console of the HSM's security officer, who brings public keys and sees no other: in this process.
    ///
    /// - Parameter planned: The token that the ceremony's plan binds.
    package func trustConsole(of planned: TokenIdentity) throws -> TrustConsole {
        try requireRehearsal()
        let module = try requireModule()
        return TrustConsole(token: try PKCS11URI(parsing: token), planned: planned) { try module.connect() }
    }

    /// What tries this site's access to AWS.
    ///
    /// - Parameter mfaCode: Who is asked for the code of an MFA device; nil for nobody.
    package func serviceExamination(mfaCode: CredentialMeans.MFACode? = nil) throws -> ServiceExamination {
        let (access, kms) = try services(CeremonySession.unnamed, mfaCode)
        return ServiceExamination(kms: kms, iam: try access.iamClient(), clock: SystemClock())
    }

    /// What a member's key remembers on this machine.
    package func memory(of member: Member) throws -> DiskMemory {
        try DiskMemory(of: member, in: memory)
    }

    /// The token with which a member of a roster signs. It is given no PIN unless it shows the key that is listed.
    ///
    /// - Parameters:
    ///   - former: The same person on the roster before, whose change they may sign with another key.
    ///   - pin: Where its PIN comes from; a rehearsal's by default.
    /// - Throws: `CeremonyError` when the site does not say where it is.
    package func signer(
        of member: Member, or former: Member? = nil, pin: @escaping PINSource = RehearsalTokens.entry
    ) throws -> TokenSigner {
        try signer(of: member.name, listed: try ListedKey(of: member, or: former), pin: pin)
    }

    /// A participant's token whatever key is on it: to enroll them.
    ///
    /// - Parameters:
    ///   - listed: What it must hold, where a roster lists it.
    ///   - pin: Where its PIN comes from; a rehearsal's by default.
    /// - Throws: `CeremonyError` when the site does not say where it is.
    package func signer(
        of name: String, listed: ListedKey? = nil, pin: @escaping PINSource = RehearsalTokens.entry
    ) throws -> TokenSigner {
        try requireRehearsal()
        return TokenSigner(
            token: try tokenURI(of: name), keyLabel: RehearsalTokens.signingKeyLabel, listed: listed, pin: pin,
            connect: { [module = try requireModule()] in try module.connectToParticipants() })
    }

    /// What a participant's token says of itself and its PIN now.
    package func token(of name: String) throws -> TokenInfo {
        try requireRehearsal()
        return try requireModule().connectToParticipants().slot(of: try tokenURI(of: name)).tokenInfo()
    }

    private func tokenURI(of name: String) throws -> PKCS11URI {
        _ = try requireModule()
        guard let uri = signers[name] else {
            throw place["signers"].error(
                "it does not say where \(PercentEncoding.encode(name))'s token is", remedy: "Add it there")
        }
        return try PKCS11URI(parsing: uri)
    }
}
