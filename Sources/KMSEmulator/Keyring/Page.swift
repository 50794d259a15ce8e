import CryptoPrimitives

/// One page of a list, as Limit, Marker, NextMarker and Truncated have it.
struct Page<Item> {
    let items: [Item]
    /// Where the next page starts; nil at the end.
    let nextMarker: String?
    /// Absent markers and this say the same; AWS sends both.
    var isTruncated: Bool { nextMarker != nil }

    /// - Parameters:
    ///   - all: The whole list, in an order that lasts.
    ///   - limit: Entries a page, as asked; `fallback` if not.
    ///   - marker: NextMarker of the page before.
    ///   - isSorted: Whether the list is ordered by name, so that the next page is found even if the last entry of the
    ///     page before is gone.
    ///   - name: What tells an entry from all others.
    /// - Throws: ValidationException for a limit outside 1 to `maximum`, InvalidMarkerException for a marker that no
    ///   page of this list ended with.
    init(
        of all: [Item], limit: Int?, fallback: Int, maximum: Int, marker: String?, isSorted: Bool = false,
        name: (Item) -> String
    ) throws {
        let limit = limit ?? fallback
        guard limit >= 1 else {
            throw KMSFault.constraint("Value '\(limit)' at 'limit'", "have value greater than or equal to 1")
        }
        guard limit <= maximum else {
            throw KMSFault.constraint("Value '\(limit)' at 'limit'", "have value less than or equal to \(maximum)")
        }
        var start = 0
        if let marker {
            guard let last = Self.name(in: marker),
                let next = isSorted
                    ? all.firstIndex(where: { name($0) > last }) ?? all.count
                    : all.firstIndex(where: { name($0) == last }).map({ $0 + 1 })
            else { throw KMSFault("InvalidMarkerException", "The marker is not one of this list.") }
            start = next
        }
        items = Array(all[start...].prefix(limit))
        nextMarker = start + items.count < all.count ? items.last.map { Self.marker(after: name($0)) } : nil
    }

    private static var lead: [UInt8] { Array("after ".utf8) }

    private static func marker(after name: String) -> String { Base64.encode(lead + name.utf8) }

    private static func name(in marker: String) -> String? {
        guard let bytes = Base64.decode(marker), bytes.starts(with: lead) else { return nil }
        return String(decoding: bytes.dropFirst(lead.count), as: UTF8.self)
    }
}
