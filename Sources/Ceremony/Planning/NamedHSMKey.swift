import CryptoPrimitives
package import Evidence

/// How a definition names a key that the HSM has already: by label, by id, or by both.
package struct NamedHSMKey: Hashable, Sendable {
    /// `CKA_LABEL`.
    package let label: String?
    /// `CKA_ID`, 16 bytes in hex.
    package let id: String?
    /// What the ceremony that made it has on record; nil where nobody says.
    package let checkValues: CheckValues?
    /// Whether it was restored from a backup, or brought over from another HSM, and the token says that it did not make it.
    package let isRestored: Bool

    package init(label: String?, id: String?, checkValues: CheckValues? = nil, isRestored: Bool = false) {
        self.isRestored = isRestored
        self.label = label
        self.id = id
        self.checkValues = checkValues
    }

    /// Both, when people are spoken to.
    var words: String {
        [label.map { "labelled \($0)" }, id.map { "with the id \($0)" }].compactMap(\.self).joined(separator: " and ")
    }

    /// Whether a label can stand in a plan: printable ASCII without `%`.
    static func isName(_ label: String) -> Bool {
        !label.isEmpty && label.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "%") }
    }

    /// What is wrong with it; nil when nothing is.
    var problem: (part: String, what: String, remedy: String)? {
        if label == nil, id == nil {
            return (
                "label", "the HSM key that the material came from has neither label nor id", "Name it by one of them"
            )
        }
        if let label, !Self.isName(label) {
            return ("label", "it is not printable ASCII without %", "Write it as the token shows it")
        }
        if let id, Hex.decode(id)?.count != 16 || id != id.lowercased() {
            return (
                "id", "it is not 16 bytes in lowercase hex", "Write the key's CKA_ID, as its ceremony has it on record"
            )
        }
        if let checkValues, !checkValues.areWhole {
            return (
                "checkValues", "they are not 3 bytes each in lowercase hex",
                "Write both as the ceremony that imported the key has them on record (generated)"
            )
        }
        return nil
    }
}
