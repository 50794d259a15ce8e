import CryptoPrimitives
package import Evidence

/// Looks at HSM and KMS, and freezes what a ceremony will do.
package struct Planner: Sendable {
    /// What tells a ceremony from every other.
    package struct Identity: Hashable, Sendable {
        /// Its day and the nonce's first bytes: `2026-07-01-0a1b2c3d`.
        package let ceremony: String
        /// 32 bytes.
        let nonce: [UInt8]

        /// A new one.
        ///
        /// - Throws: `CryptoError` when no random bytes can be drawn.
        package init(at now: Timestamp) throws {
            nonce = try SecureRandom.bytes(count: 32)
            ceremony = "\(now.description.prefix(10))-\(Hex.encode(nonce.prefix(4)))"
        }
    }

    let ports: Ports
    private let mostBytes: Int

    /// - Parameter mostBytes: Of a plan. The statement that carries its slots is longer than they are, and must be read
    ///   back, too.
    package init(ports: Ports, mostBytes: Int = CanonicalJSON.defaultLimit / 2) {
        self.ports = ports
        self.mostBytes = mostBytes
    }

    /// Makes the plan and lays the ceremony folder out.
    ///
    /// - Parameters:
    ///   - files: `roster.json`, every roster before it, and what was signed over them, by their paths.
    ///   - gap: The two hosts of a ceremony that is held across an air gap; the environment has the programs of both.
    ///   - identity: The ceremony's, where somebody had to know it before; else a new one.
    /// - Throws: `CeremonyError` when the definition does not fit what HSM and KMS show; the folder has no plan then.
    package func freeze(
        _ definition: Definition, rosterFiles files: [String: [UInt8]], gap: AirGap? = nil, identity: Identity? = nil
    ) async throws -> Plan {
        try definition.validate()
        let rosterBytes = files[Roster.path] ?? []
        let roster = try Roster(json: rosterBytes)
        try definition.validatePolicy(for: roster, at: ports.clock.now())
        let plan: Plan
        do {
            plan = try await look(
                definition, roster: roster, rosterDigest: SHA256Digest(of: rosterBytes), gap: gap,
                identity ?? Identity(at: ports.clock.now()))
        } catch {
            // What went wrong is what the administrator must read; nobody stays logged in for it.
            try? await ports.hsm.leave()
            throw error
        }
        try await ports.hsm.leave()
        try plan.validate()
        let bytes = try CanonicalJSON.encode(plan)
        guard bytes.count <= mostBytes else { throw definition.tooLong(bytes.count) }
        try layOut(roster, files)
        try ports.folder.write(bytes, to: Plan.path)
        return plan
    }

    private func layOut(_ roster: Roster, _ files: [String: [UInt8]]) throws {
        if roster.sequence == 1,
            let member = roster.members.first(where: { files[Roster.acceptancePath(of: $0)] == nil })
        {
            throw CeremonyError(
                .invalidInput, "\(Roster.acceptancePath(of: member)): \(member.name) has not accepted the roster",
                remedy: "Every member signs \(Roster.path) first")
        }
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) { try ports.folder.write(bytes, to: path) }
        try ports.folder.write(roster.allowedSigners(), to: Roster.allowedSignersPath)
        _ = try FrozenCeremony.roster(in: ports.folder)
    }

    private func look(
        _ definition: Definition, roster: Roster, rosterDigest: SHA256Digest, gap: AirGap?, _ own: Identity
    ) async throws -> Plan {
        let now = ports.clock.now()
        let (ceremony, nonce) = (own.ceremony, own.nonce)
        var slots: [PlanSlot] = []
        for key in definition.keys {
            let slot =
                switch key.strategy {
                case .revoke: try await revokeSlot(for: key)
                case .reimport: try await reimportSlot(for: key, ceremony: ceremony, isAcrossGap: gap != nil)
                default: try await slot(for: key, try await identity(of: key, ceremony: ceremony, nonce: nonce))
                }
            if let other = slots.first(where: { $0.key == slot.key }) {
                throw key.namingPlace.error(
                    "\(other.shownName) and \(slot.shownName) are two names of one key",
                    remedy: "Keep one of them in the definition")
            }
            slots.append(slot)
        }
        let profiles = try await profiles(for: slots)
        guard let environment = try await ports.environment.observe().whole else {
            throw CeremonyError(
                .invalidInput, "This host sees only one side of an air gap", remedy: "Plan with the other host's card")
        }
        try Self.requireCallers(environment.aws, for: slots)
        try Self.requireKeys(of: environment.aws, zip(definition.keys, slots))
        let plan = Plan(
            mode: roster.mode, ceremony: ceremony, nonce: Hex.encode(nonce),
            title: PercentEncoding.encode(definition.title), created: now,
            window: Validity(from: now, until: now.advanced(bySeconds: Int64(definition.windowHours) * 3600)),
            roster: rosterDigest, policy: definition.policy, environment: environment, gap: gap,
            wrapping: definition.wrapping, profiles: profiles, slots: slots)
        for (key, slot) in zip(definition.keys, slots) {
            guard let problem = plan.problemOfExpiry(slot) else { continue }
            throw key.place["expires"].error(
                problem, remedy: "Choose a time after \(plan.window.until) and within 365 days, or never")
        }
        return plan
    }

    private static func requireKeys(of aws: AWSEnvironment, _ slots: some Sequence<(DefinedKey, PlanSlot)>) throws {
        guard let (key, slot) = slots.first(where: { aws.id(ofKey: $0.1.key) == nil }) else { return }
        throw key.namingPlace.error(
            "\(slot.shownName) is the key \(PercentEncoding.encode(slot.key)), which is none of the account \(aws.account) and "
                + "the Region \(aws.region)",
            remedy: "Hold its ceremony with a site of its own account and Region")
    }

    private static func requireCallers(_ aws: AWSEnvironment, for slots: [PlanSlot]) throws {
        if let problem = aws.problemOfCallers {
            let callers = CallerRole.allCases.compactMap { role in aws.caller(of: role).map { "\(role.rawValue) \($0)" }
            }
            throw CeremonyError(
                .environment,
                "These callers hold no ceremony in the account \(aws.account): \(problem): \(callers.joined(separator: ", "))",
                remedy: "Give each of the site's roles a user or an IAM role of its own, in the keys' account")
        }
        guard aws.caller(of: .create) == nil, let slot = slots.first(where: { $0.strategy == .replace }) else { return }
        throw CeremonyError(
            .environment, "\(slot.slot) needs a new key, and the site's roles have none that creates it",
            remedy: "Add aws.roles.create to the site")
    }

    /// How the token can make and wrap each kind of key that the plan has; it is tried where there is more than one way.
    private func profiles(for slots: [PlanSlot]) async throws -> [KeyProfile] {
        var profiles: [KeyProfile] = []
        let imported = slots.filter(\.strategy.importsMaterial)
        for spec in KeySpec.allCases where imported.contains(where: { $0.keySpec == spec }) {
            let way = spec.ways.count == 1 ? spec.ways[0] : try await ports.hsm.way(for: spec)
            profiles.append(KeyProfile(of: spec, way: way))
        }
        return profiles
    }

    private func slot(for key: DefinedKey, _ identity: SlotIdentity) async throws -> PlanSlot {
        switch (key.strategy, key.alias) {
        case (.import, _): try await importSlot(for: key, identity)
        case (.rotate, let alias?): try await rotateSlot(for: key, alias, identity)
        case (.replace, let alias?): try await replaceSlot(for: key, alias, identity)
        case (.reimport, _), (.revoke, _), (.rotate, nil), (.replace, nil):
            throw key.place.error("a key to \(key.strategy.rawValue) has no alias", remedy: "Write alias")
        }
    }

    /// The names of what the ceremony makes for one key, which no other ceremony has.
    struct SlotIdentity {
        let slot: String
        /// `CKA_LABEL` of the HSM key.
        let label: String
        /// `CKA_ID` of the HSM key, in hex.
        let id: String
        /// The description that KMS keeps with the material, where it keeps one.
        let description: String
        /// What HSM and KMS make a commitment of.
        let commitmentBlock: [UInt8]
    }

    private func identity(of key: DefinedKey, ceremony: String, nonce: [UInt8]) async throws -> SlotIdentity {
        let label = "keyrite/\(ceremony)/\(key.slot)"
        let id = Hex.encode(SHA256Digest(of: nonce + Array(key.slot.utf8)).bytes.prefix(16))
        guard try await ports.hsm.find(label: label, id: id).isEmpty else {
            throw CeremonyError(
                .state, "The token already has an object labelled \(label)",
                remedy: "Find out whose it is before planning again")
        }
        return SlotIdentity(
            slot: key.slot, label: label, id: id, description: "keyrite \(ceremony) \(key.slot)",
            commitmentBlock: Commitment.block(nonce: nonce, slot: key.slot))
    }

    private func rotateSlot(
        for key: DefinedKey, _ alias: String, _ identity: SlotIdentity
    ) async throws -> PlanSlot {
        let found = try await describe(alias, at: key.place["alias"])
        let current = try Self.fitForRotation(found, of: key)
        let materials = try await ports.kms.materials(of: found.arn)
        let used = materials.count(where: \.onDemand)
        try Self.check(materials, of: found.arn, rotationsUsed: used, key)
        return PlanSlot(
            slot: identity.slot, strategy: key.strategy, keySpec: .symmetric, keyUsage: .encryptDecrypt, key: found.arn,
            alias: alias, label: identity.label,
            id: identity.id, description: identity.description, currentMaterial: current, rotationsUsed: used,
            policy: try await ports.kms.policyDigest(of: found.arn),
            proof: KeySpec.symmetric.proof(isWanted: key.proof), custody: key.custody,
            probe: try await probe(alias, of: found.arn, material: current))
    }

    /// DescribeKey of what the definition names.
    ///
    /// - Parameter place: Where it names it.
    func describe(_ name: String, at place: InputPlace) async throws -> KMSKey {
        do { return try await ports.kms.describe(name) } catch let missing as NoSuchKey {
            throw place.error(missing.what, remedy: missing.remedy)
        }
    }

    private static func fitForRotation(_ found: KMSKey, of key: DefinedKey) throws -> String {
        func unfit(_ why: String, _ remedy: String) -> CeremonyError {
            key.place["alias"].error("\(key.shownName) cannot be rotated: \(why)", remedy: remedy)
        }
        guard found.origin == "EXTERNAL" else {
            throw unfit("its key's origin is \(found.origin)", "Only imported keys (EXTERNAL) take new material")
        }
        guard found.spec == "SYMMETRIC_DEFAULT" else {
            throw unfit("its key is \(found.spec)", "It has one material for ever: plan a new key, strategy replace")
        }
        guard !found.multiRegion else {
            throw unfit("its key is multi-Region", "Its replicas need the material too; that is not supported yet")
        }
        guard found.state == "Enabled", let material = found.currentMaterial else {
            throw unfit("its key is \(found.state)", "Bring the key back to Enabled first")
        }
        return material
    }

    /// What a key is, if its kind is one whose material can be imported and made here.
    static func kind(of found: KMSKey) -> (spec: KeySpec, usage: KeyUsage)? {
        guard let spec = KeySpec(rawValue: found.spec), let usage = KeyUsage(rawValue: found.usage),
            spec.usages.contains(usage)
        else { return nil }
        return (spec, usage)
    }

    private static func check(
        _ materials: [KMSMaterial], of arn: String, rotationsUsed: Int, _ key: DefinedKey
    ) throws {
        if let pending = materials.first(where: { $0.state == .pendingRotation }) {
            throw key.place["alias"].error(
                "\(key.shownName) already has pending material: KeyMaterialId \(PercentEncoding.encode(pending.id))",
                remedy: "Find out whose it is. If nobody wants it, "
                    + PendingMaterial.removal(of: pending.id, from: arn)
                    + ". Then plan again")
        }
        guard rotationsUsed < 25 else {
            throw key.place["alias"].error(
                "\(key.shownName) has spent all 25 on-demand rotations that a key ever has",
                remedy: "Plan a new key and move the alias: strategy replace")
        }
    }

    /// A ciphertext of today, tried at once, which must still decrypt after the ceremony.
    func probe(_ alias: String, of key: String, material: String) async throws -> Probe {
        let plaintext = try SecureRandom.bytes(count: 32)
        let ciphertext = try await ports.kms.encrypt(plaintext, with: alias)
        let back = try await ports.kms.decrypt(ciphertext, with: key)
        guard back.plaintext == plaintext, back.material == material else {
            throw CeremonyError(
                .state, "\(alias) does not decrypt what it encrypts with its current material",
                remedy: "Look at the key in KMS before planning")
        }
        return Probe(ciphertext: Base64.encode(ciphertext), plaintext: SHA256Digest(of: plaintext))
    }
}
