import AWS
import Evidence

/// A reference as bytes, before it is known what its key is. Bytes are in the order in which a snapshot has references: by
/// service, account, Region, type, resource, setting and name of the key, and what is told of it.
struct FoundRecord {
    /// Two zero bytes end a field, and a zero byte inside is followed by 255: so a shorter field comes first, whatever follows.
    private static let (zero, inside, end) = (UInt8(0), UInt8(255), UInt8(0))
    private static let fields = 8

    let service: String
    let account: String
    /// Where the resource is.
    let region: String
    let found: FoundReference
    var isHearsay: Bool { found.isHearsay == true }

    init(_ found: FoundReference, of unit: InventoryUnit) {
        (service, account, region) = (unit.service, unit.account, found.region ?? unit.region)
        self.found = found
    }

    /// - Throws: `CanonicalJSONError`.
    func bytes() throws -> [UInt8] {
        let details = found.details == UseDetails() ? [] : try CanonicalJSON.encode(found.details)
        let texts = [service, account, region, found.type, found.resource, found.setting, found.names ?? ""]
        var bytes: [UInt8] = []
        for field in texts.map({ Array($0.utf8) }) + [details] {
            for byte in field {
                bytes.append(byte)
                if byte == Self.zero { bytes.append(Self.inside) }
            }
            bytes += [Self.zero, Self.end]
        }
        return bytes + [found.names == nil ? 0 : 1, isHearsay ? 1 : 0]
    }

    /// - Parameter bytes: As `bytes` makes them; nil for others.
    init?(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        var fields: [[UInt8]] = []
        while fields.count < Self.fields {
            guard let field = Self.field(&rest) else { return nil }
            fields.append(field)
        }
        let flags = Array(rest)
        var details = UseDetails()
        if !fields[7].isEmpty {
            guard let told = try? CanonicalJSON.decode(UseDetails.self, from: fields[7]) else { return nil }
            details = told
        }
        guard flags.count == 2 else { return nil }
        let texts = fields.map { String(decoding: $0, as: UTF8.self) }
        (service, account, region) = (texts[0], texts[1], texts[2])
        found = FoundReference(
            type: texts[3], resource: texts[4], setting: texts[5], names: flags[0] == 0 ? nil : texts[6],
            region: region, isHearsay: flags[1] == 1, details: details)
    }

    private static func field(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        var field: [UInt8] = []
        while let byte = rest.popFirst() {
            guard byte == zero else {
                field.append(byte)
                continue
            }
            guard rest.popFirst() == inside else { return field }
            field.append(zero)
        }
        return nil
    }

    /// Whether another one is of the same resource: such stand together.
    func isBeside(_ other: FoundRecord) -> Bool {
        let pairs = [
            (found.resource, other.found.resource), (found.type, other.found.type), (region, other.region),
            (account, other.account),
            (service, other.service),
        ]
        return pairs.allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
}
