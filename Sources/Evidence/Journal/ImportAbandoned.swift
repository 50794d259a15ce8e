/// Nobody knows whether KMS was asked to import material again, which it does not have: it may have been deleted since, perhaps to
/// stop the key. What was signed is carried out no more, and *release* is signed again.
package struct ImportAbandoned: Codable, Hashable, Sendable {
    package let slot: String
    package let material: String

    package init(slot: String, material: String) {
        self.slot = slot
        self.material = material
    }
}
