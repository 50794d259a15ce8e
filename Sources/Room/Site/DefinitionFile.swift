package import Ceremony
import Evidence

extension Definition {
    /// Reads a definition, `keyrite.definition/1`.
    ///
    /// - Parameters:
    ///   - text: The YAML.
    ///   - file: Its name, for errors.
    /// - Throws: `CeremonyError` with file, line and path of what is wrong.
    package init(yaml text: String, file: String) throws {
        let yaml = try StrictYAML(
            parsing: text, file: file, keys: ["schema", "title", "windowHours", "wrappingKeySpec", "keys"])
        guard try yaml.string("schema") == "keyrite.definition/1" else {
            throw yaml.error("schema", "is not keyrite.definition/1", "Start from an example in ceremony/")
        }
        let keys = try yaml.tables("keys", keys: ["alias", "strategy", "proof"]).map { key in
            guard let strategy = Strategy(rawValue: try key.string("strategy")) else {
                throw key.error("strategy", "is not known", "This version knows rotate")
            }
            return DefinedKey(alias: try key.string("alias"), strategy: strategy, proof: try key.bool("proof"))
        }
        self.init(
            title: try yaml.string("title"), windowHours: try yaml.integer("windowHours"),
            wrapping: Wrapping(keySpec: try yaml.string("wrappingKeySpec")), keys: keys)
        try validate()
    }
}
