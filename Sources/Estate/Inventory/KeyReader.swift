import AWS
import CryptoPrimitives
import Evidence

/// KMS itself in one place: keys and aliases.
struct KeyReader {
    static let service = Service(
        KMSWire.service, .json(version: .v11, targetPrefix: "TrentService"),
        quotas: [
            ListKeys.name: quota(500), ListAliases.name: quota(500), DescribeKey.name: quota(2_000),
            GetKeyPolicy.name: quota(1_000), ListGrants.name: quota(100), ListResourceTags.name: quota(2_000),
            ListKeyRotations.name: quota(100), GetKeyLastUsage.name: quota(5),
        ])

    private static func quota(_ perSecond: Int) -> CallQuota {
        .stated(perSecond, "kms/latest/developerguide/requests-per-second.html", checked: "2026-11-28")
    }

    /// All that it is asked.
    static let operations: Set = [
        ListKeys.name, ListAliases.name, DescribeKey.name, GetKeyPolicy.name, ListGrants.name, ListResourceTags.name,
        ListKeyRotations.name, GetKeyLastUsage.name,
    ]

    private var look: ServiceLook

    init(in place: InventoryPlace, by caller: any ServiceCaller) {
        look = ServiceLook(
            at: Self.service.name, in: place, by: DeclaredCaller(asking: Self.operations, by: caller))
    }

    /// What KMS says of a place, up to where it could not be read.
    struct Found: Codable, Sendable {
        var keys: [InventoryKey] = []
        var aliases: [AliasListEntry] = []
        /// Whether these are all.
        var keysAreWhole = false
        var aliasesAreWhole = false
        var gaps: [InventoryGap] = []
    }

    /// All of it.
    mutating func read() async throws -> Found {
        var found = Found()
        (found.aliases, found.aliasesAreWhole) = try await aliases()
        let all = Listing(
            Self.call(ListKeys.self, ["Limit": .number(1000)]), marker: "Marker",
            next: \.nextMarker, isTruncated: { $0.truncated == true }, entries: \.keys)
        let listed = try await look.list(all)
        found.keysAreWhole = listed.isWhole
        let names = Self.names(in: found)
        let ignorance = Ignorance()
        let keys = try await look.each(listed.entries) { key, look in
            try await Self.key(key.keyARN, names.map { $0[key.keyID] ?? [] }, ignorance, &look)
        }
        found.keys = keys.compactMap { $0 }
        // What could not be read is there all the same, and what leads to it does not lead nowhere.
        if found.keys.count < keys.count { found.keysAreWhole = false }
        found.gaps = look.gaps
        return found
    }

    /// Keys that somebody names, and of them what tells of a change of keys; all aliases, and no other keys.
    ///
    /// - Returns: Also the ARN of each name that leads to a key here; of an alias that leads to none, nil.
    mutating func find(_ names: [KeyName]) async throws -> (found: Found, arns: [KeyName: String?]) {
        var found = Found()
        (found.aliases, found.aliasesAreWhole) = try await aliases()
        let all = Self.names(in: found)
        let place = look.place
        let asked = names.compactMap { name in
            Self.asked(name, found, in: place).map { (name: name, id: $0.id, leadsThere: $0.leadsThere) }
        }
        let answers = try await look.each(asked) { one, look in
            try await Self.named(one.id, all, isKnown: one.leadsThere, &look)
        }
        var arns: [KeyName: String?] = [:]
        for (one, answer) in zip(asked, answers) {
            if let key = answer.key {
                found.keys.append(key)
                Self.remember(one.id, leadingTo: key, in: &found, place)
            }
            if let arn = answer.key?.arn.text ?? answer.unread { arns.updateValue(arn, forKey: one.name) }
        }
        for name in names where arns[name] == nil && Self.isThere(name, found, in: place) {
            arns.updateValue(nil, forKey: name)
        }
        found.keys = Array(Set(found.keys))
        found.gaps = look.gaps
        return (found, arns)
    }

    /// What KMS is asked for a name, and whether the name is known to lead to that; nil where it leads nowhere here.
    private static func asked(
        _ name: KeyName, _ found: Found, in place: InventoryPlace
    ) -> (id: String, leadsThere: Bool)? {
        switch name {
        case .keyID(let id): return (id, false)
        case .keyARN(let arn, let region, let account):
            return region == place.region && account == place.account ? (arn, true) : nil
        case .alias(let alias):
            guard let entry = found.aliases.first(where: { $0.aliasName == alias }) else {
                return found.aliasesAreWhole ? nil : (alias, false)
            }
            return entry.targetKeyID.flatMap { $0.isEmpty ? nil : (place.arn("kms", "key/\($0)"), true) }
        case .aliasARN(let alias, let region, let account):
            return region == place.region && account == place.account
                ? asked(.alias(alias), found, in: place) : nil
        }
    }

    /// An alias that KMS resolved where it did not list them leads to its key for whatever names it.
    private static func remember(
        _ alias: String, leadingTo key: InventoryKey, in found: inout Found, _ place: InventoryPlace
    ) {
        guard case .alias = KeyName(alias), !found.aliases.contains(where: { $0.aliasName == alias }) else { return }
        found.aliases.append(
            AliasListEntry(aliasName: alias, aliasARN: place.arn("kms", alias), targetKeyID: key.id.text))
    }

    /// Whether a name is that of an alias that is here.
    private static func isThere(_ name: KeyName, _ found: Found, in place: InventoryPlace) -> Bool {
        switch name {
        case .keyID, .keyARN: false
        case .alias(let alias): found.aliases.contains { $0.aliasName == alias }
        case .aliasARN(let alias, let region, let account):
            region == place.region && account == place.account && isThere(.alias(alias), found, in: place)
        }
    }

    private mutating func aliases() async throws -> (entries: [AliasListEntry], isWhole: Bool) {
        try await look.list(
            Listing(
                Self.call(ListAliases.self, ["Limit": .number(100)]), marker: "Marker",
                next: \.nextMarker, isTruncated: { $0.truncated == true }, entries: \.aliases))
    }

    /// Aliases by key id; nil where not all could be read.
    private static func names(in found: Found) -> [String: [OutsideText]]? {
        guard found.aliasesAreWhole else { return nil }
        return Dictionary(grouping: found.aliases.filter { $0.targetKeyID != nil }) { $0.targetKeyID ?? "" }
            .mapValues { $0.map { OutsideText($0.aliasName) }.sorted() }
    }

    private static func call<Operation: KMSOperation>(
        _ operation: Operation.Type, _ parameters: [String: CallValue]
    ) -> ServiceCall<Operation.Output> {
        ServiceCall(service, operation.name, parameters)
    }

    /// - Parameters:
    ///   - aliases: Its names; nil where not all could be read.
    ///   - ignorance: Whether this KMS cannot tell when keys were used.
    private static func key(
        _ arn: String, _ aliases: [OutsideText]?, _ ignorance: Ignorance, _ look: inout ServiceLook
    ) async throws -> InventoryKey? {
        let call = call(DescribeKey.self, ["KeyId": .text(arn)])
        guard let found = try await look.ask(call, of: arn)?.keyMetadata else { return nil }
        var key = InventoryKey(found, aliases, in: look.place)
        guard found.keyManager != .aws else { return key }
        try await readGrants(of: &key, arn, &look)
        try await readTags(of: &key, arn, &look)
        try await readMaterials(of: &key, found, &look)
        let policyCall = self.call(GetKeyPolicy.self, ["KeyId": .text(arn), "PolicyName": .text("default")])
        if let policy = try await look.ask(policyCall, of: arn)?.policy {
            key.policySHA256 = SHA256Digest(of: policy.utf8).hex
        }
        let usage = Self.call(GetKeyLastUsage.self, ["KeyId": .text(arn)])
        if let told = try await look.ask(usage, of: arn, sparing: ignorance) {
            key.lastUsed = told.usage?.timestamp.map(Evidence.Timestamp.init)
            key.lastOperation = told.usage?.operation.map(OutsideText.init)
            key.tracked = told.trackingStartDate.map(Evidence.Timestamp.init)
        }
        return key
    }

    /// - Parameters:
    ///   - id: As DescribeKey takes it.
    ///   - names: Aliases by key id; nil where not all could be read.
    ///   - isKnown: Whether the id is the ARN of a key that must be there.
    /// - Returns: The key; else its ARN, if it must be there and KMS does not tell of it.
    private static func named(
        _ id: String, _ names: [String: [OutsideText]]?, isKnown: Bool, _ look: inout ServiceLook
    ) async throws -> (key: InventoryKey?, unread: String?) {
        let before = look.gaps.count
        let answer = try await look.ask(
            call(DescribeKey.self, ["KeyId": .text(id)]), of: id, accepting: ["NotFoundException"])
        guard let found = answer?.keyMetadata else { return (nil, isKnown && look.gaps.count > before ? id : nil) }
        var key = InventoryKey(found, names.map { $0[found.keyID] ?? [] }, in: look.place)
        guard found.keyManager != .aws else { return (key, nil) }
        try await readGrants(of: &key, found.arn, &look)
        try await readMaterials(of: &key, found, &look)
        return (key, nil)
    }

    private static func readGrants(
        of key: inout InventoryKey, _ arn: String, _ look: inout ServiceLook
    ) async throws {
        let grants = Listing(
            call(ListGrants.self, ["KeyId": .text(arn), "Limit": .number(100)]), marker: "Marker",
            next: \.nextMarker, isTruncated: { $0.truncated == true }, entries: \.grants)
        let granted = try await look.list(grants, of: arn)
        if granted.isWhole { key.grants = granted.entries.map(InventoryKey.Grant.init).sorted { $0.id < $1.id } }
    }

    private static func readTags(of key: inout InventoryKey, _ arn: String, _ look: inout ServiceLook) async throws {
        let tags = Listing(
            call(ListResourceTags.self, ["KeyId": .text(arn), "Limit": .number(50)]), marker: "Marker",
            next: \.nextMarker, isTruncated: { $0.truncated == true }, entries: \.tags)
        let tagged = try await look.list(tags, of: arn)
        guard tagged.isWhole else { return }
        key.tags = tagged.entries.map { .init(key: OutsideText($0.tagKey), value: OutsideText($0.tagValue)) }
            .sorted { $0.key < $1.key }
    }

    /// Asymmetric and HMAC keys, and those in stores of others, have one material for ever.
    private static func readMaterials(
        of key: inout InventoryKey, _ found: KeyMetadata, _ look: inout ServiceLook
    ) async throws {
        guard found.keySpec == .symmetricDefault, found.origin == .awsKMS || found.origin == .external else { return }
        let arn = found.arn
        let rotations = Listing(
            call(
                ListKeyRotations.self,
                ["KeyId": .text(arn), "IncludeKeyMaterial": .text("ALL_KEY_MATERIAL"), "Limit": .number(1000)]),
            marker: "Marker", next: \.nextMarker, isTruncated: { $0.truncated == true }, entries: \.rotations)
        let listed = try await look.list(rotations, of: arn)
        guard listed.isWhole else { return }
        key.materials = listed.entries.map(InventoryKey.Material.init)
        key.rotationsUsed = listed.entries.count { $0.rotationType == .onDemand && $0.rotationDate != nil }
    }
}

extension InventoryKey {
    fileprivate init(_ found: KeyMetadata, _ aliases: [OutsideText]?, in place: InventoryPlace) {
        arn = OutsideText(found.arn)
        id = OutsideText(found.keyID)
        (account, region) = (place.account, place.region)
        manager = found.keyManager.map { OutsideText($0.rawValue) }
        origin = found.origin.map { OutsideText($0.rawValue) }
        spec = found.keySpec.map { OutsideText($0.rawValue) }
        usage = found.keyUsage.map { OutsideText($0.rawValue) }
        state = OutsideText(found.keyState.rawValue)
        description = found.description.flatMap { $0.isEmpty ? nil : OutsideText($0) }
        created = found.creationDate.map(Evidence.Timestamp.init)
        expires = found.validTo.map(Evidence.Timestamp.init)
        deleted = found.deletionDate.map(Evidence.Timestamp.init)
        let multiRegion = found.multiRegion == true ? found.multiRegionConfiguration : nil
        self.multiRegion = multiRegion?.multiRegionKeyType.map { OutsideText($0.rawValue) }
        related = multiRegion.map { configuration in
            ((configuration.primaryKey.map { [$0] } ?? []) + (configuration.replicaKeys ?? []))
                .compactMap(\.arn).filter { $0 != found.arn }.map(OutsideText.init).sorted()
        }
        currentMaterial = found.currentKeyMaterialID.map(OutsideText.init)
        self.aliases = aliases
    }
}

extension InventoryKey.Material {
    fileprivate init(_ entry: RotationsListEntry) {
        id = entry.keyMaterialID.map(OutsideText.init)
        state = entry.keyMaterialState.map { OutsideText($0.rawValue) }
        importState = entry.importState.map { OutsideText($0.rawValue) }
        description = entry.keyMaterialDescription.map(OutsideText.init)
        expires = entry.validTo.map(Evidence.Timestamp.init)
        rotated = entry.rotationDate.map(Evidence.Timestamp.init)
        rotation = entry.rotationType.map { OutsideText($0.rawValue) }
    }
}

extension InventoryKey.Grant {
    fileprivate init(_ entry: GrantListEntry) {
        id = OutsideText(entry.grantID)
        name = entry.name.flatMap { $0.isEmpty ? nil : OutsideText($0) }
        grantee = (entry.granteePrincipal ?? entry.granteeServicePrincipal).map(OutsideText.init)
        retiring = (entry.retiringPrincipal ?? entry.retiringServicePrincipal).map(OutsideText.init)
        operations = entry.operations.map { OutsideText($0.rawValue) }.sorted()
        constrained = entry.constraints != nil
    }
}

extension Evidence.Timestamp {
    /// Whole seconds, as evidence has them.
    init(_ time: AWS.Timestamp) {
        let bounded = min(max(time.secondsSinceEpoch.isFinite ? time.secondsSinceEpoch : 0, 0), 1e12)
        self.init(epochSeconds: Int64(bounded))
    }
}
