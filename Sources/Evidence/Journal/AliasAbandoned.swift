/// Nobody knows whether KMS was asked to make or move an alias, which resolves to what it did before: it may have been moved, and
/// moved back since, perhaps because applications failed. What was signed is carried out no more, and the gate of the activation
/// is signed again.
package struct AliasAbandoned: Codable, Hashable, Sendable {
    package let slot: String
    package let alias: String

    package init(slot: String, alias: String) {
        self.slot = slot
        self.alias = alias
    }
}
