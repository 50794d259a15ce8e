/// An account that is read, and where.
package struct InventoryAccount: Hashable, Sendable {
    /// 12 digits.
    package let id: String
    /// Sorted, each once.
    package let regions: [String]

    package init(_ id: String, in regions: some Sequence<String>) {
        self.id = id
        self.regions = Set(regions).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
