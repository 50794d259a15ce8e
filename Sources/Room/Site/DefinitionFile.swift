package import Ceremony
import Evidence
import Foundation

extension Definition {
    /// Reads a definition, `keyrite.definition/1`, and the policy files that it names.
    ///
    /// - Parameters:
    ///   - text: The YAML.
    ///   - file: Its path, for errors; policy files lie relative to its folder.
    /// - Throws: `CeremonyError` with file, line and path of what is wrong.
    package init(yaml text: String, file: String) throws {
        let yaml = try StrictYAML(
            parsing: text, file: file, keys: ["schema", "title", "windowHours", "wrappingKeySpec", "keys", "policy"])
        guard try yaml.string("schema") == "keyrite.definition/1" else {
            throw yaml.error("schema", "is not keyrite.definition/1", "Start from an example in ceremony/")
        }
        let known = Set(Strategy.allCases.flatMap(DefinedKey.names)).sorted()
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        let (title, hours) = (try yaml.string("title"), try yaml.integer("windowHours"))
        let wrappingKeySpec = try yaml.optionalString("wrappingKeySpec")
        let keys = try yaml.tables("keys", keys: known).map { try DefinedKey(yaml: $0, in: folder) }
        // Where nothing is wrapped, nobody need say under what.
        let isWrapped = keys.contains(where: \.strategy.importsMaterial)
        self.init(
            title: title, windowHours: hours,
            wrapping: Wrapping(
                keySpec: try wrappingKeySpec
                    ?? (isWrapped ? yaml.string("wrappingKeySpec") : Self.unusedWrappingKeySpec)
            ),
            keys: keys,
            policy: try QuorumPolicy(of: yaml), place: yaml.place)
        try validate()
    }
}

extension Definition {
    /// What a plan has that wraps nothing.
    private static let unusedWrappingKeySpec = "RSA_4096"
}

extension QuorumPolicy {
    /// - Parameter yaml: The definition, which can do without.
    fileprivate init(of yaml: StrictYAML) throws {
        let gates = Gate.allCases.map(\.rawValue)
        guard
            let table = try yaml.optionalTable("policy", keys: ["rules", "separate", "approvalHours", "foldsActivate"])
        else {
            self.init()
            return
        }
        let rules = try table.optionalTable("rules", keys: gates)
        self.init(
            rules: try Gate.allCases.filter { rules?.has($0.rawValue) == true }.map { gate in
                let requirements = try rules?.tables(gate.rawValue, keys: ["role", "count"]) ?? []
                return RaisedRule(gate: gate, requirements: try requirements.map(GateRequirement.init(yaml:)))
            },
            separate: try table.optionalPairs("separate").map { one, other in
                Separation(try Self.gate(one, in: table), try Self.gate(other, in: table))
            },
            approvalHours: try table.optionalInteger("approvalHours"),
            foldsActivate: try table.optionalBool("foldsActivate") ?? false)
    }

    private static func gate(_ name: String, in table: StrictYAML) throws -> Gate {
        guard let gate = Gate(rawValue: name) else {
            throw table.error(
                "separate", "names \(PercentEncoding.encode(name)), which is no gate",
                "The gates are \(Gate.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return gate
    }
}

extension GateRequirement {
    fileprivate init(yaml: StrictYAML) throws {
        guard let role = Role(rawValue: try yaml.string("role")) else {
            let known = Role.allCases.filter { $0 != .administrator }.map(\.rawValue).joined(separator: ", ")
            throw yaml.error("role", "is not known", "This version knows \(known)")
        }
        self.init(role: role, count: try yaml.integer("count"))
    }
}

extension DefinedKey {
    /// What may stand in the YAML of a key of this strategy.
    fileprivate static func names(of strategy: Strategy) -> [String] {
        let all = ["alias", "strategy", "proof", "trustedWrapping", "retention", "backup"]
        return switch strategy {
        case .import: all + ["key"]
        case .rotate: all
        case .replace: all + ["policyFile", "description", "tags", "multiRegion"]
        case .reimport:
            [
                "alias", "key", "strategy", "material", "label", "id", "checkValues", "restored", "expires",
                "trustedWrapping",
            ]
        case .revoke: ["alias", "key", "strategy", "material"]
        }
    }

    /// - Parameter folder: Where policy files are looked for.
    fileprivate init(yaml: StrictYAML, in folder: URL) throws {
        guard let strategy = Strategy(rawValue: try yaml.string("strategy")) else {
            let known = Strategy.allCases.map(\.rawValue).joined(separator: ", ")
            throw yaml.error("strategy", "is not known", "This version knows \(known)")
        }
        let known = Self.names(of: strategy)
        if let stranger = yaml.names.first(where: { !known.contains($0) }) {
            throw yaml.error(
                stranger, "does not belong to \(strategy.rawValue)", "Known are \(known.joined(separator: ", "))")
        }
        let isNamedEither = [.import, .reimport, .revoke].contains(strategy)
        if isNamedEither, !yaml.names.contains("alias"), !yaml.names.contains("key") {
            throw yaml.error("key", "and alias: one of the two must be there", "Name the key, its alias, or both")
        }
        self.init(
            alias: isNamedEither ? try yaml.optionalString("alias") : try yaml.string("alias"),
            key: try yaml.optionalString("key"), strategy: strategy,
            proof: strategy.importsMaterial && strategy != .reimport ? try yaml.bool("proof") : false,
            changes: KeyChanges(
                policy: try Self.policy(yaml, in: folder), description: try yaml.optionalString("description"),
                tags: try yaml.optionalTexts("tags"), multiRegion: try yaml.optionalBool("multiRegion")),
            custody: Custody(
                trustedWrapping: try yaml.optionalBool("trustedWrapping") ?? false,
                retention: try Self.retention(yaml), backup: try yaml.optionalString("backup")),
            material: strategy == .revoke || strategy == .reimport ? try yaml.string("material") : nil,
            hsmKey: strategy == .reimport
                ? NamedHSMKey(
                    label: try yaml.optionalString("label"), id: try yaml.optionalString("id"),
                    checkValues: try Self.checkValues(yaml), isRestored: try yaml.optionalBool("restored") ?? false)
                : nil,
            expires: strategy == .reimport ? try Self.expiry(yaml) : nil)
    }

    private static func checkValues(_ yaml: StrictYAML) throws -> CheckValues? {
        guard let values = try yaml.optionalTexts("checkValues") else { return nil }
        guard values.count == 2, let cmac = values["cmac"], let ecb = values["ecb"] else {
            throw yaml.error("checkValues", "does not have cmac and ecb, and nothing else", "Write both, in quotes")
        }
        return CheckValues(cmac: cmac, ecb: ecb)
    }

    private static func expiry(_ yaml: StrictYAML) throws -> Expiry {
        guard let expiry = Expiry(try yaml.string("expires")) else {
            throw yaml.error(
                "expires", "is neither never nor a time",
                "Write never, or a time in UTC in quotes: \"2027-06-30T00:00:00Z\"")
        }
        return expiry
    }

    private static func retention(_ yaml: StrictYAML) throws -> Retention {
        guard let word = try yaml.optionalString("retention") else { return .retain }
        guard let retention = Retention(rawValue: word) else {
            let known = Retention.allCases.map(\.rawValue).joined(separator: ", ")
            throw yaml.error("retention", "is not known", "This version knows \(known)")
        }
        return retention
    }

    /// The policy document that the YAML names, byte for byte.
    private static func policy(_ yaml: StrictYAML, in folder: URL) throws -> String? {
        guard let name = try yaml.optionalString("policyFile") else { return nil }
        let url = URL(fileURLWithPath: name, relativeTo: folder)
        guard let text = NamedFile.text(url.path) else {
            throw yaml.error("policyFile", "\(url.path) cannot be read as text", "Name a file beside the definition")
        }
        let document = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        guard document?["Statement"] != nil else {
            throw yaml.error("policyFile", "\(url.path) is no JSON document with a Statement", "Write a key policy")
        }
        return text
    }
}
