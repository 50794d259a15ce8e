import AWS

/// A reference as bytes, before it is known what its key is. Bytes are in the order in which a snapshot has references: by
/// service, account, Region, type, resource, setting and name of the key, and what is told of it.
struct FoundRecord {
    /// Two zero bytes end a field, and a zero byte inside is followed by 255: so a shorter field comes first, whatever follows.
    private static let (zero, inside, end) = (UInt8(0), UInt8(255), UInt8(0))
    private static let fields = 9

    let service: String
    let account: String
    /// Where the resource is.
    let region: String
    let type: String
    let resource: String
    let setting: String
    /// nil for the service's default.
    let names: String?
    let bucketKey: Bool?
    let algorithm: String?
    let cluster: String?
    let isHearsay: Bool

    init(_ found: FoundReference, of unit: InventoryUnit) {
        (service, account, region) = (unit.service, unit.account, found.region ?? unit.region)
        (type, resource, setting, names) = (found.type, found.resource, found.setting, found.names)
        (bucketKey, isHearsay) = (found.bucketKey, found.isHearsay == true)
        (algorithm, cluster) = (found.algorithm, found.cluster)
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for field in [service, account, region, type, resource, setting, names ?? "", algorithm ?? "", cluster ?? ""] {
            for byte in field.utf8 {
                bytes.append(byte)
                if byte == Self.zero { bytes.append(Self.inside) }
            }
            bytes += [Self.zero, Self.end]
        }
        let flags: [UInt8] = [names == nil ? 0 : 1, bucketKey.map { $0 ? 2 : 1 } ?? 0, isHearsay ? 1 : 0]
        return bytes + flags + [algorithm == nil ? 0 : 1, cluster == nil ? 0 : 1]
    }

    /// - Parameter bytes: As `bytes` writes them; nil for others.
    init?(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        var fields: [String] = []
        while fields.count < Self.fields {
            guard let field = Self.field(&rest) else { return nil }
            fields.append(field)
        }
        let flags = Array(rest)
        guard flags.count == 5 else { return nil }
        (service, account, region) = (fields[0], fields[1], fields[2])
        (type, resource, setting) = (fields[3], fields[4], fields[5])
        names = flags[0] == 0 ? nil : fields[6]
        bucketKey = flags[1] == 0 ? nil : flags[1] == 2
        isHearsay = flags[2] == 1
        algorithm = flags[3] == 0 ? nil : fields[7]
        cluster = flags[4] == 0 ? nil : fields[8]
    }

    private static func field(_ rest: inout ArraySlice<UInt8>) -> String? {
        var field: [UInt8] = []
        while let byte = rest.popFirst() {
            guard byte == zero else {
                field.append(byte)
                continue
            }
            guard rest.popFirst() == inside else { return String(decoding: field, as: UTF8.self) }
            field.append(zero)
        }
        return nil
    }

    /// Whether another one is of the same resource: such stand together.
    func isBeside(_ other: FoundRecord) -> Bool {
        let pairs = [
            (resource, other.resource), (type, other.type), (region, other.region), (account, other.account),
            (service, other.service),
        ]
        return pairs.allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
}
