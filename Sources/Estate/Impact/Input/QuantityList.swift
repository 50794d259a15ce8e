import Evidence

/// How much there is in resources, as whoever asks for an estimate says.
package struct QuantityList: Hashable, Sendable {
    package static let schema = "keyrite.quantities/1"
    /// The largest number that is taken.
    package static let most = 1_000_000_000_000

    private let path: String
    private let byResource: [OutsideText: [Quantity: Int]]

    /// - Parameter file: What it was read from, for the error.
    /// - Throws: `EstateError` with the place.
    package init(_ bytes: [UInt8], from path: String) throws(EstateError) {
        let file = ImpactFile(path)
        let members = try file.members(
            try file.document(bytes, schema: Self.schema), "the quantities", required: ["schema", "resources"])
        var byResource: [OutsideText: [Quantity: Int]] = [:]
        for member in try file.entries(members["resources"], "resources") {
            let place = "resources.\(member.name.prefix(256))"
            let given = try file.members(
                member.value, place, required: [], optional: Quantity.allCases.map(\.rawValue))
            var counts: [Quantity: Int] = [:]
            for (name, json) in given {
                guard let quantity = Quantity(rawValue: name) else { continue }
                counts[quantity] = try file.count(json, "\(place).\(name)", most: Self.most)
            }
            byResource[OutsideText(member.name)] = counts
        }
        self.path = path
        self.byResource = byResource
    }

    func quantities(of resource: OutsideText) -> [Quantity: Int] { byResource[resource] ?? [:] }

    /// What is written of a resource that nobody reads is mistyped, or of another estate.
    ///
    /// - Throws: `EstateError` with the first resource that is not among these.
    func requireAll(among resources: Set<OutsideText>) throws(EstateError) {
        guard let stray = byResource.keys.filter({ !resources.contains($0) }).min() else { return }
        throw EstateError(
            path,
            "\(stray.text) is no resource that was read and names a key; give its ARN as it "
                + "has it")
    }
}
