import Ceremony
import CryptoPrimitives
import Evidence
import Testing

/// A kind of ceremony, and what KMS has before it.
struct CutScene: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let definition: Definition
    /// What people put on record at the beginning.
    let interjections: [Interjection]
    /// Whether two hosts hold it, with its folder carried between them.
    let isAcrossGap: Bool
    let prepare: @Sendable (isolated FakeKMS) -> Void
    /// What the HSM has before.
    let keeping: @Sendable (isolated FakeHSM) -> Void

    private static let fresh = "arn:aws:kms:eu-central-1:111122223333:key/fresh"
    private static let old = "arn:aws:kms:eu-central-1:111122223333:key/old"

    private init(
        _ description: String, _ keys: [DefinedKey], folds: Bool = false, interjections: [Interjection] = [],
        isAcrossGap: Bool = false, prepare: @escaping @Sendable (isolated FakeKMS) -> Void = { _ in },
        keeping: @escaping @Sendable (isolated FakeHSM) -> Void = { _ in }
    ) {
        testDescription = description + (folds ? ", activation folded into the release" : "")
        definition = Definition(
            title: "Cut off", windowHours: 48, wrapping: Wrapping(keySpec: "RSA_2048"), keys: keys,
            policy: QuorumPolicy(foldsActivate: folds))
        self.interjections = interjections
        self.isAcrossGap = isAcrossGap
        self.prepare = prepare
        self.keeping = keeping
    }

    static func rotation(
        folds: Bool = false, proof: Bool = true, custody: Custody = Custody(), interjections: [Interjection] = [],
        _ more: String = ""
    ) -> CutScene {
        CutScene(
            "rotate" + more, [DefinedKey(alias: "alias/rotated", strategy: .rotate, proof: proof, custody: custody)],
            folds: folds, interjections: interjections)
    }

    /// A rotation whose HSM key is locked or destroyed afterwards.
    static func ending(_ retention: Retention) -> CutScene {
        rotation(
            custody: Custody(retention: retention, backup: "backup.pdf"),
            interjections: reasons(to: "\(retention.rawValue) rotated"), ", then \(retention.rawValue) the key")
    }

    /// A rotation whose HSM has no network.
    static let acrossGap = CutScene(
        "rotate, across an air gap", [DefinedKey(alias: "alias/rotated", strategy: .rotate, proof: true)],
        isAcrossGap: true)

    private static func reasons(to what: String) -> [Interjection] {
        [
            .exhibit(by: "ada", name: "backup.pdf", what: "a restored backup", bytes: [1]),
            .exception(by: "ada", what: what, why: "the law", remedy: "the backup"),
        ]
    }

    static func firstImport(_ spec: KeySpec, folds: Bool = false, retention: Retention = .retain) -> CutScene {
        let custody = Custody(retention: retention, backup: retention == .retain ? nil : "backup.pdf")
        return CutScene(
            "import \(spec.rawValue)" + (retention == .retain ? "" : ", then \(retention.rawValue) the key"),
            [DefinedKey(alias: "alias/new", key: fresh, strategy: .import, proof: true, custody: custody)],
            folds: folds, interjections: retention == .retain ? [] : reasons(to: "\(retention.rawValue) new")
        ) { kms in
            kms.others[fresh] = FakeKey(spec: spec.rawValue, usage: spec.usages[0].rawValue)
            kms.aliases["alias/new"] = .some(nil)
        }
    }

    static func replacement(_ spec: KeySpec, folds: Bool = false) throws -> CutScene {
        let key = try oldKey(spec)
        return CutScene(
            "replace \(spec.rawValue)", [DefinedKey(alias: "alias/replaced", strategy: .replace, proof: true)],
            folds: folds
        ) { kms in
            kms.others[old] = key
            kms.aliases["alias/replaced"] = old
        }
    }

    /// The emergency stop: an old material, or the current one, of a key that has a pending one, too.
    static func revocation(_ state: RevokedMaterial.State, acrossGap: Bool = false) -> CutScene {
        CutScene(
            "revoke \(state.rawValue)" + (acrossGap ? ", by the connected host of an air gap" : ""),
            [DefinedKey(alias: "alias/stopped", strategy: .revoke, proof: false, material: state.rawValue)],
            isAcrossGap: acrossGap
        ) { kms in
            kms.materials = RevokedMaterial.State.allCases.map {
                KMSMaterial(
                    id: $0.rawValue, state: .init(rawValue: $0.rawValue) ?? .other, description: nil, onDemand: false)
            }
            kms.materials.append(
                KMSMaterial(id: "waiting", state: .pendingRotation, description: nil, onDemand: false))
        }
    }

    /// Material that was deleted comes back from the key that the HSM kept, beside other material that KMS has.
    static func reimport(acrossGap: Bool = false) throws -> CutScene {
        let kept = try SecretBytes.random(count: 32)
        let material = kept.withUnsafeBytes { SHA256Digest(of: $0).hex }
        let named = NamedHSMKey(label: "keyrite/earlier/again", id: Hex.encode([UInt8](repeating: 7, count: 16)))
        return CutScene(
            "reimport" + (acrossGap ? ", across an air gap" : ""),
            [
                DefinedKey(
                    alias: "alias/again", strategy: .reimport, proof: false, material: material, hsmKey: named,
                    expires: .at(TestRoom.now.advanced(bySeconds: 30 * 86_400)))
            ], isAcrossGap: acrossGap
        ) { kms in
            kms.materials.append(
                KMSMaterial(
                    id: material, state: .nonCurrent, description: "earlier", onDemand: true, isImported: false))
        } keeping: {
            $0.keep(kept, label: named.label ?? "", id: named.id ?? "")
        }
    }

    /// One key by each strategy.
    static func three(folds: Bool) throws -> CutScene {
        let key = try oldKey(.symmetric)
        let keys = [
            DefinedKey(alias: "alias/new", key: fresh, strategy: .import, proof: true),
            DefinedKey(alias: "alias/rotated", strategy: .rotate, proof: false),
            DefinedKey(alias: "alias/replaced", strategy: .replace, proof: true),
        ]
        return CutScene("three keys", keys, folds: folds) { kms in
            kms.others = [fresh: FakeKey(), old: key]
            kms.aliases = ["alias/new": nil, "alias/replaced": old]
        }
    }

    /// A key that has material of another day.
    private static func oldKey(_ spec: KeySpec) throws -> FakeKey {
        guard !spec.keepsMaterials else {
            return FakeKey(materials: [KMSMaterial(id: "o", state: .current, description: nil, onDemand: false)])
        }
        return FakeKey(
            spec: spec.rawValue, usage: spec.usages[0].rawValue, only: try FakeHSM.material(of: spec))
    }

    /// What may be had again while a result is not on record: a wrap, and a look at what an import without a proof left.
    /// Of a pair there is no usage to take away: whoever looks whether it was taken finds that it was.
    static func repeated(for slots: [PlanSlot]) -> Set<String> {
        var repeated: Set = ["wrap"]
        if slots.contains(where: { $0.proof == .none }) { repeated.insert("prove") }
        if slots.contains(where: { $0.strategy == .reimport }) { repeated.insert("giveCheckUsage") }
        if slots.contains(where: { [.rsa, .ec].contains($0.keySpec.family) }) { repeated.insert("removeCheckUsage") }
        return repeated
    }

    /// How often each effect may be had for these keys. A key without a proof has one when its import had no answer.
    static func effects(of slots: [PlanSlot]) -> (hsm: [String: Int], kms: [String: Int]) {
        func count(_ isWanted: (PlanSlot) -> Bool) -> Int { slots.count(where: isWanted) }
        return (
            [
                "generate": count { $0.strategy.importsMaterial && $0.strategy != .reimport },
                "giveCheckUsage": 9,
                "removeCheckUsage": count { $0.strategy.importsMaterial && $0.retention == .retain },
                "lock": count { $0.retention == .lock }, "destroy": count { $0.retention == .destroy }, "wrap": 9,
            ],
            [
                "import": count { $0.strategy.importsMaterial && $0.strategy != .reimport },
                "prove": count { $0.strategy.importsMaterial && $0.keySpec.keepsMaterials },
                "deleteMaterial": count { $0.strategy == .revoke },
                "rotate": count { $0.strategy == .rotate }, "createKey": count { $0.strategy == .replace },
                "createAlias": count { $0.createsAlias == true }, "updateAlias": count { $0.strategy == .replace },
            ]
        )
    }
}
