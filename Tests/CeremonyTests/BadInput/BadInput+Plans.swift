import Ceremony
import Evidence
import Testing

extension BadInput {
    /// Definitions that do not fit what HSM and KMS show.
    static let plans = rotations + imports + replacements + wholes

    private static let fresh = "arn:aws:kms:eu-central-1:111122223333:key/fresh"
    private static let foreign = "arn:aws:kms:eu-central-1:444455556666:key/fresh"
    private static let alias = "alias/payments"
    private static let current = KMSMaterial(id: "x", state: .current, description: nil, onDemand: false)
    private static let rotation = DefinedKey(alias: alias, strategy: .rotate, proof: true)
    private static let firstImport = DefinedKey(alias: "alias/new", key: fresh, strategy: .import, proof: true)
    private static let replacement = DefinedKey(alias: alias, strategy: .replace, proof: true)
    private static let replicas = "Its replicas need the material too; that is not supported yet"
    private static let lookUp = "Check the name, and that account and Region are those of the key"

    private static let rotations = [
        rotating(
            "KMS at https://kms.example has no alias/payments. \(lookUp)", "an alias that does not exist"
        ) { $0.aliases[alias] = .some(nil) },
        rotating(
            "alias/payments cannot be rotated: its key's origin is AWS_KMS. Only imported keys (EXTERNAL) take new "
                + "material", "a key of KMS's own making"
        ) { $0.point(alias, to: FakeKey(materials: [current], origin: "AWS_KMS")) },
        rotating(
            "alias/payments cannot be rotated: its key is HMAC_256. It has one material for ever: plan a new key, "
                + "strategy replace", "a key that is not symmetric"
        ) { $0.point(alias, to: FakeKey(materials: [current], spec: "HMAC_256")) },
        rotating(
            "alias/payments cannot be rotated: its key is multi-Region. \(replicas)", "a multi-Region key"
        ) { $0.point(alias, to: FakeKey(settings: .multiRegion, materials: [current])) },
        rotating(
            "alias/payments cannot be rotated: its key is PendingImport. Bring the key back to Enabled first",
            "a key without material"
        ) { $0.point(alias, to: FakeKey()) },
        rotating(
            "alias/payments already has pending material: KeyMaterialId p. Find out whose it is. If nobody wants it, "
                + "\(PendingMaterial.removal(of: "p", from: FakeKMS.key)). Then plan again",
            "a key with pending material"
        ) { $0.materials.append(KMSMaterial(id: "p", state: .pendingRotation, description: nil, onDemand: false)) },
        rotating(
            "alias/payments has spent all 25 on-demand rotations that a key ever has. Plan a new key and move the alias: "
                + "strategy replace", "a key that was rotated 25 times"
        ) { kms in
            kms.materials += (1...25).map {
                KMSMaterial(id: "m\($0)", state: .nonCurrent, description: nil, onDemand: true)
            }
        },
    ]

    private static let imports = [
        importing(
            "key: KMS at https://kms.example has no \(fresh). \(lookUp)", "a key that does not exist"
        ) { $0.missing = [fresh] },
        importing(
            "alias: KMS at https://kms.example has no alias/new. Name the key beside it, and the ceremony makes the alias",
            "an alias alone that does not exist", DefinedKey(alias: "alias/new", strategy: .import, proof: true)),
        importing(
            "alias: alias/new exists and resolves to \(FakeKMS.key), not to \(fresh). Choose another alias, or the "
                + "strategy replace to move it", "an alias that another key has"
        ) { $0.aliases["alias/new"] = FakeKMS.key },
        importing(
            "key: alias/new cannot get its first material: the key's origin is AWS_KMS. Only imported keys (EXTERNAL) "
                + "take material", "a key of KMS's own making"
        ) { $0.others[fresh]?.origin = "AWS_KMS" },
        importing(
            "key: alias/new cannot get its first material: the key is ML_DSA_65 for SIGN_VERIFY. No "
                + "material of this kind can be made and imported", "a kind that KMS imports no material of"
        ) { $0.others[fresh] = FakeKey(spec: "ML_DSA_65", usage: "SIGN_VERIFY") },
        importing(
            "key: alias/new cannot get its first material: the key is HMAC_256 for ENCRYPT_DECRYPT. No material of this "
                + "kind can be made and imported", "a usage that the kind does not have"
        ) { $0.others[fresh] = FakeKey(spec: "HMAC_256") },
        importing(
            "key: alias/new cannot get its first material: the key is multi-Region. \(replicas)", "a multi-Region key"
        ) { $0.others[fresh]?.settings = .multiRegion },
        importing(
            "key: alias/new cannot get its first material: the key is Enabled. It must be PendingImport; one with "
                + "material takes rotate", "a key that has material"
        ) { $0.others[fresh]?.materials = [current] },
        importing(
            "key: alias/new cannot get its first material: it had material before, which expired or was deleted. KMS takes "
                + "only the same material again: strategy reimport", "a key that had material"
        ) { kms in
            kms.others[fresh]?.materials = [KMSMaterial(id: "x", state: .other, description: nil, onDemand: false)]
            kms.others[fresh]?.state = "PendingImport"
        },
        importing(
            "key: alias/new is the key \(foreign), which is none of the account 111122223333 and the Region eu-central-1. "
                + "Hold its ceremony with a site of its own account and Region", "a key of another account",
            DefinedKey(alias: "alias/new", key: foreign, strategy: .import, proof: true)
        ) { $0.others[foreign] = FakeKey() },
    ]

    private static let replacements = [
        replacing(
            "alias: KMS at https://kms.example has no alias/payments. \(lookUp)", "an alias that does not exist"
        ) { $0.aliases[alias] = .some(nil) },
        replacing(
            "alias: alias/payments cannot move to a new key: its key is SM2 for SIGN_VERIFY. No such material can be made "
                + "and imported, and an alias keeps its type", "a kind that KMS imports no material of"
        ) { $0.point(alias, to: FakeKey(materials: [current], spec: "SM2", usage: "SIGN_VERIFY")) },
        replacing(
            "alias: alias/payments cannot move to a new key: its key is Disabled. Bring the key back to Enabled first",
            "a key that is disabled"
        ) { $0.point(alias, to: FakeKey(materials: [current], state: "Disabled")) },
        replacing(
            "alias: alias/payments cannot move to a new key: its key is one of several Regions, with "
                + "arn:aws:kms:eu-west-1:111122223333:key/1, arn:aws:kms:us-east-1:111122223333:key/1. They would stay "
                + "behind, and so would their aliases: only a key without replicas can be replaced yet",
            "a multi-Region key with replicas"
        ) { kms in
            kms.relatedKeys = ["eu-west-1", "us-east-1"].map { "arn:aws:kms:\($0):111122223333:key/1" }
        },
        replacing(
            "tags: the new key would have 50 tags, and the ceremony needs one of its own beside them. AWS allows 50: name "
                + "in the definition which ones the new key gets", "as many tags as AWS allows",
            DefinedKey(
                alias: alias, strategy: .replace, proof: true,
                changes: KeyChanges(tags: Dictionary(uniqueKeysWithValues: (1...50).map { ("t\($0)", "") })))),
    ]

    private static let wholes = [
        planning(
            "two names of one key",
            [rotation, DefinedKey(alias: "alias/b", strategy: .rotate, proof: true)],
            "keys[1].alias: alias/payments and alias/b are two names of one key. Keep one of them in the definition"),
        planning(
            "more than a statement can carry", [rotation], mostBytes: 1000,
            "keys: their plan has N bytes, more than people's statements can carry. Take fewer keys to replace into one "
                + "ceremony: each has two key policies in the plan"),
        planning(
            "a roster that nobody accepted", [rotation],
            "roster/ada.sig: ada has not accepted the roster. Every member signs roster.json first"),
        planning(
            "a key that does not decrypt what it encrypts", exit: 1, [rotation],
            "alias/payments does not decrypt what it encrypts with its current material. Look at the key in KMS before "
                + "planning"
        ) { $0.decryptsOtherwise = true },
    ]

    private static func rotating(
        _ message: String, _ description: String, _ prepare: @escaping @Sendable (isolated FakeKMS) -> Void
    ) -> BadInput {
        planning(description + ", to rotate", [rotation], "keys[0].alias: " + message, prepare)
    }

    private static func importing(
        _ message: String, _ description: String, _ key: DefinedKey = firstImport,
        _ prepare: @escaping @Sendable (isolated FakeKMS) -> Void = { _ in }
    ) -> BadInput {
        planning(description + ", to import into", [key], "keys[0]." + message) { kms in
            kms.aliases["alias/new"] = .some(nil)
            kms.others[fresh] = FakeKey()
            prepare(kms)
        }
    }

    private static func replacing(
        _ message: String, _ description: String, _ key: DefinedKey = replacement,
        _ prepare: @escaping @Sendable (isolated FakeKMS) -> Void = { _ in }
    ) -> BadInput {
        planning(description + ", to replace", [key], "keys[0]." + message, prepare)
    }

    /// - Parameter prepare: What KMS has.
    private static func planning(
        _ description: String, exit: Int = 2, _ keys: [DefinedKey], mostBytes: Int? = nil, _ message: String,
        _ prepare: @escaping @Sendable (isolated FakeKMS) -> Void = { _ in }
    ) -> BadInput {
        BadInput(description, exit: exit, message) {
            let kms = try FakeKMS()
            await kms.prepare(prepare)
            let folder = MemoryFolder()
            let ports = Ports(
                folder: folder, hsm: FakeHSM(), kms: kms, environment: FixedEnvironment(), memory: MemoryOfSightings(),
                clock: StoppedClock(), progress: Refusals(), attendance: Speakers())
            let definition = Definition(
                title: "x", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"), keys: keys)
            let planner = mostBytes.map { Planner(ports: ports, mostBytes: $0) } ?? Planner(ports: ports)
            defer { #expect((try? folder.read(Plan.path)) == nil) }
            _ = try await planner.freeze(definition, rosterFiles: [Roster.path: try roster().json()])
        }
    }

    /// A roster that nobody accepted: what is refused is refused before.
    private static func roster() -> Roster {
        let members = [
            ("ada", Role.administrator, "AAAAC3NzaC1lZDI1NTE5AAAAIA2CHsLOQN/LHOxKXe+ypqQVRRsKIe9XPHv3J5v94XdV"),
            ("ben", .custodian, "AAAAC3NzaC1lZDI1NTE5AAAAIBkp/GL+UdzhEeVgFNCQFKOlsY8H5mI1vHfrR0Ebt6ah"),
        ].map { name, role, key in
            Member(
                name: name, role: role, key: "ssh-ed25519 " + key, validFrom: TestRoom.now,
                validUntil: TestRoom.now.advanced(bySeconds: 3600))
        }
        let rule = [GateRequirement(role: .custodian, count: 1)]
        return Roster(
            mode: .rehearsal, members: members,
            rules: GateRules(authorize: rule, release: rule, activate: rule, close: rule, change: rule))
    }
}

extension KeySettings {
    fileprivate static let multiRegion = KeySettings(description: "", multiRegion: true, policy: "{}", tags: [])
}
