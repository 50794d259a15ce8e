import CryptoPrimitives

extension Plan {
    /// The longest window in hours that a plan may have.
    package static let longestWindow: Int64 = 168

    /// Checks that the plan is one that this version would carry out, whoever wrote it.
    ///
    /// - Throws: `EvidenceError` naming what is not.
    package func validate() throws {
        try demand(Self.schemas.contains(schema), "its schema is none of \(Self.schemas.joined(separator: ", "))")
        try demand(Self.isCeremony(ceremony), "its ceremony's name is fit for no file")
        try demand(Hex.decode(nonce)?.count == 32, "its nonce is not 32 bytes in hex")
        for text in [title] + slots.flatMap(\.freeTexts) + environment.freeTexts {
            try demand(
                (try? PercentEncoding.decode(text)) != nil,
                "a text in it is not percent-encoded in its one form: \(text)")
        }
        let hours = (window.until.epochSeconds - window.from.epochSeconds) / 3600
        try demand((0...Self.longestWindow).contains(hours) && window.from <= window.until, "its window is none")
        try demand(
            mode == .rehearsal || !isRehearsed, "it is live, with a rehearsal's token or an endpoint without TLS")
        try demand(
            mode == .rehearsal || !isSimulated, "it is live, with a token in software or an endpoint on its own machine"
        )
        try validateCallers()
        try validateGap()
        try demand(wrapping.modulusBits != nil, "it wraps otherwise than under RSA_2048, RSA_3072 or RSA_4096")
        try validateSlots()
        try validateProfiles()
        try validateNames()
        if let problem = slots.lazy.compactMap(\.problemOfDigests).first { throw EvidenceError(Self.path, problem) }
    }

    /// Reads `plan.json`, and checks that it is one that this version and these people would carry out.
    ///
    /// - Parameter edition: The roster that the ceremony is held by.
    /// - Throws: `EvidenceError` saying what does not hold.
    package init(json: [UInt8], for edition: RosterEdition) throws {
        do { self = try CanonicalJSON.decode(Plan.self, from: json) } catch {
            throw EvidenceError(Self.path, "it is no plan in canonical form; at \(error)")
        }
        try demand(
            roster == edition.digest && mode == edition.roster.mode,
            "it was made for another roster: put that one back, or freeze a new plan for this one")
        try validate()
        let people = try edition.roster.members.map { try $0.publicKey().plain }
        for host in [gap?.hsm, gap?.connected].compactMap(\.self) {
            try demand(
                !people.contains(try host.publicKey()), "the key of the host \(host.host) is a person's on the roster")
        }
        if let flaw = policy.flaw(for: edition.roster) { throw EvidenceError(Self.path, flaw.problem) }
    }

    private func validateCallers() throws {
        let aws = environment.aws
        guard namesCallers else { return try demand(aws.callers == nil, "its form has one caller") }
        if let problem = aws.problemOfCallers { throw EvidenceError(Self.path, problem) }
        try demand(
            aws.caller(of: .create) != nil || !slots.contains { $0.strategy == .replace },
            "it makes a key, and none of its roles does")
    }

    /// Of each host one program and one key of its own, and a certificate.
    private func validateGap() throws {
        guard let gap else { return }
        let hosts = [gap.hsm, gap.connected]
        try demand(
            hosts.allSatisfy { Self.isFileName($0.host) } && gap.hsm.host != gap.connected.host,
            "its hosts have one name, or one that is no host's")
        try demand(
            environment.programs.map(\.host).sorted() == hosts.map(\.host).sorted(),
            "it does not say of its two hosts, and no others, which program they run")
        let keys = hosts.compactMap { try? $0.publicKey() }
        try demand(
            keys.count == 2 && keys.allSatisfy { $0.application == nil } && keys[0] != keys[1],
            "its hosts' keys are not two plain keys")
        let certificate = Base64.decode(gap.sealing) ?? []
        try demand(
            (1...4096).contains(certificate.count) && (try? SealingCertificate(der: certificate)) != nil,
            "its sealing certificate is none")
    }

    /// 1 to 64 of a-z, 0-9 and "-", not beginning with "-": it is a file's name where machines remember what they signed.
    private static func isCeremony(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.utf8.first != UInt8(ascii: "-")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    private func validateProfiles() throws {
        let imported = slots.filter(\.strategy.importsMaterial)
        let used = KeySpec.allCases.filter { spec in imported.contains { $0.keySpec == spec } }
        try demand(
            profiles.map(\.keySpec) == used, "it does not say of its kinds of key, and no others, how they are made")
        for profile in profiles {
            let spec = profile.keySpec
            try demand(
                spec.ways.contains(profile.way) && profile == KeyProfile(of: spec, way: profile.way),
                "it makes or wraps \(spec.rawValue) otherwise than a key to be imported")
        }
    }

    private var isRehearsed: Bool {
        let endpoints = [environment.aws.endpoint, environment.aws.stsEndpoint]
        return environment.token.model == "REHEARSAL-ONLY" || !endpoints.allSatisfy { $0.hasPrefix("https://") }
    }

    /// Of what a live ceremony never uses: a token in software, or an endpoint on its own machine.
    private var isSimulated: Bool {
        let (aws, token) = (environment.aws, environment.token)
        return [token.manufacturer, token.model].contains { $0.contains("SoftHSM") }
            || [aws.endpoint, aws.stsEndpoint].contains(where: OwnMachine.isNamed(by:))
    }

    private func validateSlots() throws {
        try demand(!slots.isEmpty, "it has no slots")
        for (name, values) in [
            ("slots", slots.map(\.slot)), ("keys", slots.map(\.key)), ("aliases", slots.compactMap(\.alias)),
            ("labels", slots.compactMap(\.hsmLabel)), ("ids", slots.compactMap(\.hsmID)),
        ] {
            try demand(Set(values).count == values.count, "two of its \(name) are the same")
        }
        for slot in slots {
            try demand(
                (1...Self.longestSlot).contains(slot.slot.utf8.count) && Self.isFileName(slot.slot),
                "a slot's name is not fit for a file")
            try demand(
                slot.hsmID.map { Hex.decode($0)?.count == 16 } ?? true, "the id of \(slot.slot) is not 16 bytes in hex")
            if let problem = slot.problem { throw EvidenceError(Self.path, problem) }
        }
        try validateRevocation()
        try validateReimport()
    }

    private func validateRevocation() throws {
        guard isRevocation else { return }
        try demand(
            slots.allSatisfy { $0.strategy == .revoke }, "it deletes material, and does something else beside it")
        try demand(!policy.foldsActivate, "it folds *activate* into a release, and deletes material, which has none")
    }

    private func validateReimport() throws {
        guard isReimport else { return }
        try demand(
            slots.allSatisfy { $0.strategy == .reimport },
            "it imports material again, and does something else beside it")
        try demand(!policy.namesActivate, "it asks for people at *activate*, and has nothing to activate")
        for slot in slots {
            if let problem = problemOfExpiry(slot) { throw EvidenceError(Self.path, problem) }
        }
    }

    /// The longest name of a slot in bytes: what file names and KMS's descriptions leave room for.
    package static let longestSlot = 180

    private static let fileNameBytes = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".utf8)

    /// Letters, digits, `.`, `_` and `-`.
    static func isFileName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(fileNameBytes.contains)
    }

    private func demand(_ holds: Bool, _ otherwise: String) throws {
        guard holds else { throw EvidenceError(Self.path, otherwise) }
    }
}
