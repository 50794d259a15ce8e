import Evidence

/// What a strategy says of a key that it cannot deal with, one material of which a definition names.
struct NamedMaterialWords {
    /// What it cannot do, after the key's name.
    let cannot: String
    /// What to name where the alias is another key's.
    let otherKey: String
    /// What to do with a key whose material KMS made.
    let madeByKMS: String
    /// What to do with a key whose one material KMS does not name.
    let unnamed: String

    func unfit(_ key: DefinedKey, _ why: String, remedy: String) -> CeremonyError {
        key.namingPlace.error("\(key.shownName) \(cannot): \(why)", remedy: remedy)
    }
}

extension Planner {
    /// The key, one material of which a definition names: by the id or the alias that names it, and by both where both do.
    ///
    /// - Throws: `CeremonyError` for another key than one whose imported materials KMS names.
    func keyOfNamedMaterial(_ key: DefinedKey, _ words: NamedMaterialWords) async throws -> KMSKey {
        let found = try await describe(key.key ?? key.shownName, at: key.namingPlace)
        if let alias = key.alias, try await ports.kms.target(of: alias) != found.arn {
            throw key.place["alias"].error("\(alias) does not resolve to \(found.arn)", remedy: words.otherKey)
        }
        guard found.origin == "EXTERNAL" else {
            throw words.unfit(key, "the key's origin is \(found.origin)", remedy: words.madeByKMS)
        }
        guard found.spec == KeySpec.symmetric.rawValue else {
            throw words.unfit(
                key, "the key is \(found.spec), whose one material KMS does not name", remedy: words.unnamed)
        }
        return found
    }

    /// The material that a definition names, of those that its key has or had.
    ///
    /// - Parameters:
    ///   - missing: What is said of a key that has none of that id, before the id.
    ///   - none: What is said where it has no material at all.
    static func namedMaterial(
        of key: DefinedKey, in materials: [KMSMaterial], missing: String, none: String
    ) throws -> KMSMaterial {
        let known = materials.map {
            "\(PercentEncoding.encode($0.id)), \($0.state.word)\($0.isImported ? "" : ", expired or deleted")"
        }
        let wanted = key.material ?? ""
        guard let found = materials.first(where: { $0.id == wanted }) else {
            throw unfit(
                key, "\(missing) \(PercentEncoding.encode(wanted))",
                remedy: known.isEmpty ? none : "It has \(known.joined(separator: "; "))")
        }
        return found
    }

    /// A key whose named material a strategy cannot deal with.
    static func unfit(_ key: DefinedKey, _ why: String, remedy: String) -> CeremonyError {
        key.place["material"].error("\(key.shownName) \(why)", remedy: remedy)
    }
}
