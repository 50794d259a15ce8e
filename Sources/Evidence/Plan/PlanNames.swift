import CryptoPrimitives

/// Whether the names and numbers in a plan can be of what they name: a value that no planner writes, and nothing later
/// contradicts, would stand before people who sign.
extension Plan {
    /// - Throws: `EvidenceError` naming the first that cannot.
    func validateNames() throws {
        if let problem = problem ?? environment.problem ?? slots.lazy.compactMap(problemOfNames).first {
            throw EvidenceError(Self.path, problem)
        }
    }

    private var problem: String? {
        guard !title.isEmpty else { return "its title says nothing" }
        return created <= window.from ? nil : "it was made after its window began"
    }

    private func problemOfNames(_ slot: PlanSlot) -> String? {
        let name = slot.slot
        guard let id = environment.aws.id(ofKey: slot.key) else {
            return "the key of \(name) is none of the plan's account and Region"
        }
        if let alias = slot.alias {
            guard KMSNames.isAlias(alias) else { return "the alias of \(name) is none that a customer's key can have" }
        }
        guard name == PlanSlot.name(ofAlias: slot.alias, keyID: id) else {
            return "\(name) is called neither by its alias nor, where it has none, by its key"
        }
        return slot.problemOfNames
    }
}

extension CeremonyEnvironment {
    /// What people, STS, the token or the host say in it, percent-encoded.
    var freeTexts: [String] {
        let callers = CallerRole.allCases.filter { $0 != .look }.compactMap {
            aws.callers == nil ? nil : aws.caller(of: $0)
        }
        return [aws.proxy, aws.caller] + callers + [token.label, token.manufacturer, token.model, token.serial]
            + programs.map(\.host)
    }

    fileprivate var problem: String? {
        guard KMSNames.isPartition(aws.partition), KMSNames.isAccount(aws.account), KMSNames.isRegion(aws.region) else {
            return "its partition, account or Region is none of AWS's"
        }
        guard [aws.endpoint, aws.stsEndpoint].allSatisfy(Self.isEndpoint) else { return "an endpoint is no URL" }
        guard aws.authorities == "system" || Hex.decode(aws.authorities)?.count == 32 else {
            return "its certificate authorities are neither the system's nor a file's SHA-256"
        }
        guard !aws.proxy.isEmpty, !aws.caller.isEmpty else { return "its proxy or its caller says nothing" }
        guard !token.serial.isEmpty else { return "its token has no serial number" }
        guard !programs.isEmpty, Set(programs).count == programs.count, !programs.contains(where: \.host.isEmpty) else {
            return "it names no program, one of them twice, or one of no host"
        }
        return nil
    }

    /// `http://` or `https://` and more, without blanks.
    private static func isEndpoint(_ text: String) -> Bool {
        ["http://", "https://"].contains { scheme in
            text.hasPrefix(scheme) && text.utf8.count > scheme.utf8.count && !text.utf8.contains(UInt8(ascii: " "))
        }
    }
}

extension PlanSlot {
    /// What a slot is called: its alias without `alias/`, `.` in place of `/`, or its key's id where it has none.
    package static func name(ofAlias alias: String?, keyID: String) -> String {
        guard let alias else { return keyID }
        return String(alias.dropFirst(KMSNames.aliasPrefix.count).map { $0 == "/" ? "." : $0 })
    }

    /// A slot's name as a medium has it in the name of a file where capitals do not count, as on vfat.
    package static func fileName(of slot: String) -> String { slot.lowercased() }

    fileprivate var problemOfNames: String? {
        if let hsmLabel, hsmLabel.isEmpty || hsmLabel.utf8.contains(UInt8(ascii: "%")) {
            return "the HSM key of \(slot) has no label, or one with a % in it"
        }
        if let description, !KMSNames.isMaterialDescription(description) {
            return "the description of \(slot) is none that KMS keeps with material"
        }
        let materials = [currentMaterial, revoked?.material, reimported?.material].compactMap(\.self)
        guard materials.allSatisfy(KMSNames.isMaterial) else {
            return "a material of \(slot) has a name that KMS gives none"
        }
        if let probe, !KMSNames.isCiphertext(probe.ciphertext) {
            return "the probe of \(slot) is no ciphertext in base64's one form"
        }
        let ids = (grants ?? []).map(\.id)
        guard Set(ids).count == ids.count, !ids.contains("") else {
            return "two grants of \(slot) have one id, or one has none"
        }
        for (whose, settings) in [("new", new), ("old", old)] {
            guard let settings else { continue }
            guard !settings.policy.isEmpty else { return "the \(whose) key of \(slot) has no policy" }
            guard !settings.tags.contains(where: \.key.isEmpty) else {
                return "the \(whose) key of \(slot) has a tag without a name"
            }
        }
        return nil
    }
}

extension AWSEnvironment {
    /// The id in the ARN of a key of this account and Region; nil of any other text.
    package func id(ofKey arn: String) -> String? {
        let prefix = "arn:\(partition):kms:\(region):\(account):key/"
        guard arn.hasPrefix(prefix) else { return nil }
        let id = arn.dropFirst(prefix.count)
        return KMSNames.isKeyID(id) ? String(id) : nil
    }
}
