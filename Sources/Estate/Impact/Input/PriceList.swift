package import Evidence

/// What things cost in one Region, as whoever asks for an estimate says. Keyrite has no prices of its own.
package struct PriceList: Hashable, Sendable {
    package static let schema = "keyrite.prices/1"

    /// Where they hold.
    package let region: String
    /// Three capital letters (ISO 4217).
    package let currency: String
    /// The last day on which they are taken, as `2026-12-31`, in UTC.
    package let validUntil: String
    package let amounts: [PriceItem: Amount]
    /// How many of a key's first rotations are charged; nil for each.
    package let chargedRotations: Int?

    /// - Parameters:
    ///   - file: What it was read from, for the error.
    ///   - now: A list whose last day is over is refused.
    /// - Throws: `EstateError` with the place.
    package init(_ bytes: [UInt8], from file: String, at now: Timestamp) throws(EstateError) {
        let file = ImpactFile(file)
        let members = try file.members(
            try file.document(bytes, schema: Self.schema), "the price list",
            required: ["schema", "region", "currency", "validUntil", "prices"], optional: ["chargedRotations"])
        region = try file.text(members["region"], "region")
        guard (1...32).contains(region.utf8.count), region.utf8.allSatisfy(Self.isOfRegion) else {
            throw file.refusal("region", "it is to be a Region, as eu-central-1")
        }
        currency = try file.text(members["currency"], "currency")
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (65...90).contains($0) }) else {
            throw file.refusal("currency", "it is to be three capital letters, as USD; all prices are in it")
        }
        validUntil = try file.text(members["validUntil"], "validUntil")
        guard let end = Timestamp("\(validUntil)T23:59:59Z") else {
            throw file.refusal("validUntil", "it is to be a day, as 2026-12-31")
        }
        guard now <= end else {
            throw file.refusal(
                "validUntil", "these prices held until \(validUntil); look them up again, and give the day until when")
        }
        chargedRotations = try members["chargedRotations"].map { json throws(EstateError) in
            try file.count(json, "chargedRotations", most: 25)
        }
        amounts = try Self.amounts(members["prices"], file)
    }

    private static func isOfRegion(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
    }

    private static func amounts(_ json: StrictJSON?, _ file: ImpactFile) throws(EstateError) -> [PriceItem: Amount] {
        var amounts: [PriceItem: Amount] = [:]
        for member in try file.entries(json, "prices") {
            guard let item = PriceItem(rawValue: member.name) else {
                throw file.refusal(
                    "prices",
                    "nobody here knows \(member.name.prefix(64)); "
                        + ImpactFile.known(PriceItem.allCases.map(\.rawValue)))
            }
            let place = "prices.\(item.rawValue)"
            let price = try file.members(member.value, place, required: ["amount", "per"])
            let per = try file.text(price["per"], "\(place).per")
            guard per.utf8.elementsEqual(item.per.utf8) else {
                throw file.refusal("\(place).per", "it is \(per.prefix(64)), and is to be \(item.per)")
            }
            guard let amount = Amount(try file.text(price["amount"], "\(place).amount")) else {
                throw file.refusal(
                    "\(place).amount", "it is to be text with up to 6 digits and, after a point, up to 9, as \"0.03\"")
            }
            amounts[item] = amount
        }
        return amounts
    }
}
